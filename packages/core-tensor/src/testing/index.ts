export { createReferenceBackend } from '../reference/reference-backend.ts';
