/** For partial_success: what was not taken of a request of logs or metrics, and why. */
export type ExportAnswer = { rejected: number; messages: string[] }
