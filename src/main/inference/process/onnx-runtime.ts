/**
 * The one place that loads ONNX Runtime. Since 1.29 it reports to Microsoft unless its process is told not to before it
 * is loaded, hence the import behind the assignment, which no bundler moves. On Linux and macOS `ORT_DISABLE_TELEMETRY`
 * stops all of it: no uploader, no device number, no store of unsent events. On Windows events go to the system's own
 * tracing, the Node package has no switch for them, and the variable of ONNX Runtime's own test harness keeps them back
 * (https://github.com/microsoft/onnxruntime/blob/main/docs/Privacy.md and core/platform/telemetry_environment.h; decision 0040).
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1'
if (process.platform === 'win32') process.env['ORT_RUNNING_UNIT_TESTS'] = '1'

export const runtime = await import('onnxruntime-node')
