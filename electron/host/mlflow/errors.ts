/**
 * The one map from our named errors to MLflow's: HTTP status, `error_code`, message. MLflow's client retries 5xx for
 * about four minutes, so 5xx is only for what may be better then; everything permanent is 4xx.
 */
import { DaybookError, type ErrorCode } from '#contract';
import { StoreError, type StoreErrorCode } from '#store';

/** An answer that none of our codes stands for. */
export class MlflowError extends Error {
  constructor(
    readonly status: number,
    readonly errorCode: string,
    message: string,
  ) {
    super(message);
    this.name = 'MlflowError';
  }
}

/** A field's value is missing or wrong; the message names the field. */
export function invalid(message: string): MlflowError {
  return new MlflowError(400, 'INVALID_PARAMETER_VALUE', message);
}

export function notFound(message: string): MlflowError {
  return new MlflowError(404, 'RESOURCE_DOES_NOT_EXIST', message);
}

type Answer = readonly [status: number, errorCode: string];

const answers: Record<ErrorCode | StoreErrorCode, Answer> = {
  invalid_argument: [400, 'INVALID_PARAMETER_VALUE'],
  not_found: [404, 'RESOURCE_DOES_NOT_EXIST'],
  already_exists: [400, 'RESOURCE_ALREADY_EXISTS'],
  wrong_state: [400, 'INVALID_PARAMETER_VALUE'],
  read_only: [403, 'PERMISSION_DENIED'],
  forbidden: [403, 'PERMISSION_DENIED'],
  too_new: [403, 'PERMISSION_DENIED'],
  disk_full: [503, 'TEMPORARILY_UNAVAILABLE'],
  io: [503, 'TEMPORARILY_UNAVAILABLE'],
  unavailable: [503, 'TEMPORARILY_UNAVAILABLE'],
  closed: [503, 'TEMPORARILY_UNAVAILABLE'],
  damaged: [404, 'RESOURCE_DOES_NOT_EXIST'],
  internal: [500, 'INTERNAL_ERROR'],
};

export interface ErrorReply {
  status: number;
  body: { error_code: string; message: string };
  /** What went wrong, when it is a mistake in this program, for its log. */
  mistake?: string;
}

/** What to answer for anything that was thrown while a request was handled. */
export function errorReply(error: unknown): ErrorReply {
  if (error instanceof MlflowError) return { status: error.status, body: { error_code: error.errorCode, message: error.message } };
  if (error instanceof DaybookError || error instanceof StoreError) {
    const [status, errorCode] = answers[error.code];
    return { status, body: { error_code: errorCode, message: error.message }, mistake: status === 500 ? error.stack : undefined };
  }
  const status = httpStatus(error);
  if (status !== undefined) {
    const message = status === 413 ? 'The request body is too large; split it up.' : error instanceof Error ? error.message : 'The request cannot be read.';
    return { status, body: { error_code: status === 413 ? 'INVALID_PARAMETER_VALUE' : 'BAD_REQUEST', message } };
  }
  return {
    status: 500,
    body: { error_code: 'INTERNAL_ERROR', message: 'Something went wrong inside Daybook. Its log says what.' },
    mistake: error instanceof Error ? (error.stack ?? error.message) : String(error),
  };
}

/** What the HTTP server itself refuses (body too large, bad address) carries a 4xx status. */
function httpStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
}
