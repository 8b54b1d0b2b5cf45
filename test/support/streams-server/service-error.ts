const NAMESPACE: Readonly<Record<string, string>> = {
  ValidationException: 'com.amazon.coral.validate',
  SerializationException: 'com.amazon.coral.service',
  UnknownOperationException: 'com.amazon.coral.service',
  ThrottlingException: 'com.amazon.coral.availability',
  AccessDeniedException: 'com.amazon.coral.service',
  ExpiredTokenException: 'com.amazon.coral.service',
  UnrecognizedClientException: 'com.amazon.coral.service',
};

/** An error answer of the service; `type` is the exception's name without its namespace. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly type: string;
  readonly status: number;

  constructor(type: string, message: string, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }

  /** The body that goes over the wire. */
  get body(): string {
    const type = `${NAMESPACE[this.type] ?? 'com.amazonaws.dynamodb.v20120810'}#${this.type}`;
    // The real service spells this one member with a capital for errors that its gateway makes.
    return JSON.stringify(
      this.type === 'AccessDeniedException'
        ? { __type: type, Message: this.message }
        : { __type: type, message: this.message },
    );
  }
}
