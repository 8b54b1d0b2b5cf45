export const PORT = 8000;
/** What `--local` connects to. */
export const LOCAL_URL = `http://localhost:${PORT}`;
