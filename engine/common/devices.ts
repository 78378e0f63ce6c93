/** What a graph can be computed on: ONNX Runtime's execution providers, under its names. */
export const devices = ['cpu', 'cuda', 'dml', 'coreml', 'webgpu'] as const;
export type Device = (typeof devices)[number];

/** `auto` is settled before the work starts. */
export const deviceChoices = ['auto', ...devices] as const;
export type DeviceChoice = (typeof deviceChoices)[number];
