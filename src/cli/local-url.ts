export const PORT = 8000;
/** The endpoint of `--local`. */
export const LOCAL_URL = `http://localhost:${PORT}`;
