/** The backend in plain JavaScript: its tensors are the host's own memory. */
export const PLAIN_BACKEND = "cpu";
