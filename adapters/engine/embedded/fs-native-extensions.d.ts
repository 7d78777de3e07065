/** The part of fs-native-extensions that is used here; the package ships no types. */
declare module "fs-native-extensions" {
  /** Takes an exclusive lock of the whole open file; false where somebody else holds it. Closing the file frees it. */
  export function tryLock(fd: number): boolean;
}
