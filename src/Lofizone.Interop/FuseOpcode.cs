namespace Lofizone.Interop;

/// <summary>Kind of a request: the members of <c>enum fuse_opcode</c>, linux/fuse.h, that can reach a single regular file.</summary>
public enum FuseOpcode : uint
{
    None = 0,
    Forget = 2,
    GetAttributes = 3,
    SetAttributes = 4,
    Open = 14,
    Read = 15,
    Write = 16,
    StatFs = 17,
    Release = 18,
    Fsync = 20,
    SetXattr = 21,
    GetXattr = 22,
    ListXattr = 23,
    RemoveXattr = 24,
    Flush = 25,
    Init = 26,
    GetLock = 31,
    SetLock = 32,
    SetLockWait = 33,
    Access = 34,
    Interrupt = 36,
    Destroy = 38,
    Ioctl = 39,
    Poll = 40,
    BatchForget = 42,
    Fallocate = 43,
    Lseek = 46,
}
