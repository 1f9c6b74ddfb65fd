/** The package's version, written in when it is built. */
declare const MTLC_VERSION: string;
