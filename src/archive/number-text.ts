const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/**
 * The text of an `N` as a JSON number with the same digits. Never converted to a double, which has 17 of DynamoDB's 38
 * digits. `undefined` when the text is not a decimal number.
 *
 * DynamoDB itself sends valid JSON numbers; emulators and restored exports also have `+1`, `.5`, `5.` and `007`.
 */
export function jsonNumber(text: string): string | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = whole.replace(/^0+(?=\d)/, '') || '0';
  return `${sign === '-' ? '-' : ''}${digits}${fraction && `.${fraction}`}${exponent === undefined ? '' : `e${exponent}`}`;
}
