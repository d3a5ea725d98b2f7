using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lofizone.Interop;

/// <summary>
/// An owned file descriptor, closed once and always opened with O_CLOEXEC. Unlike FileStream, this class takes no flock(2).
/// </summary>
public sealed partial class FileDescriptor : SafeHandleZeroOrMinusOneIsInvalid
{
    public FileDescriptor() : base(ownsHandle: true)
    {
    }

    public FileDescriptor(int descriptor) : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>The number, for use while this object is alive.</summary>
    public int Number => (int)handle;

    protected override bool ReleaseHandle() => Close((int)handle) == 0;

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
