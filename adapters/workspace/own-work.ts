const OTHERS_WORK =
  /(^|\/)(node_modules|bower_components|vendor|vendored|third[_-]party|dist|build|target|out|coverage|\.venv|venv|__pycache__|\.next|Pods)\//;
const GENERATED = /\.min\.(js|css)$|\.(pb|generated|g)\.[a-z]+$|_pb2(_grpc)?\.py$|\.pb\.go$/;

/** False for what other people wrote or a program made: it says nothing about the work on this repository. */
export function isOwnWork(path: string): boolean {
  return !OTHERS_WORK.test(path) && !GENERATED.test(path);
}
