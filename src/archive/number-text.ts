const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/**
 * The text of an `N` as valid JSON number text with the same digits: never by way of a double, which holds 17 of the 38
 * digits that DynamoDB keeps. `undefined` when the text is not a decimal number.
 *
 * DynamoDB itself answers in a form that JSON takes; emulators and restored exports also have `+1`, `.5`, `5.` and `007`.
 */
export function jsonNumber(text: string): string | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = whole.replace(/^0+(?=\d)/, '') || '0';
  return `${sign === '-' ? '-' : ''}${digits}${fraction && `.${fraction}`}${exponent === undefined ? '' : `e${exponent}`}`;
}
