/** The version of this package; `0.0.0` when run from source. */
export const version: string = typeof MTLC_VERSION === "string" ? MTLC_VERSION : "0.0.0";
