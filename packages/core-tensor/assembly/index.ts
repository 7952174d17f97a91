// Every kernel and the pool's entry points; a kernel's exported name is the name the TypeScript side asks for.
export * from './convolution';
export * from './convolution-weights';
export * from './fill';
export * from './gemm';
export * from './gemm-thin';
export * from './pack';
export * from './pool';
