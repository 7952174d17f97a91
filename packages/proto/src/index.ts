export * from './errors/index.ts';
export * from './generated/messages.ts';
