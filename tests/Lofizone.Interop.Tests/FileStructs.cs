namespace Lofizone.Interop.Tests;

/// <summary>Rows for files, locks, waiting, mounts, terminals and sockets: linux/openat2.h, linux/stat.h, asm-generic/statfs.h, asm-generic/fcntl.h, poll(2), linux/mount.h, asm-generic/termios.h, sys/socket.h.</summary>
internal static class FileStructs
{
    public static IReadOnlyList<StructRow> Rows { get; } =
    [
        new(typeof(OpenAt2.OpenHow), "struct open_how", ("Flags", "flags"), ("Mode", "mode"), ("Resolve", "resolve")),
        new(typeof(StatxTimestamp), "struct statx_timestamp", ("Seconds", "tv_sec"), ("Nanoseconds", "tv_nsec")),
        new(typeof(Statx), "struct statx", ("Mask", "stx_mask"), ("BlockSize", "stx_blksize"), ("Attributes", "stx_attributes"), ("Links", "stx_nlink"),
            ("Uid", "stx_uid"), ("Gid", "stx_gid"), ("Mode", "stx_mode"), ("Inode", "stx_ino"), ("Size", "stx_size"), ("Blocks", "stx_blocks"),
            ("AttributesMask", "stx_attributes_mask"), ("AccessTime", "stx_atime"), ("BirthTime", "stx_btime"), ("ChangeTime", "stx_ctime"),
            ("ModificationTime", "stx_mtime"), ("RawDeviceMajor", "stx_rdev_major"), ("RawDeviceMinor", "stx_rdev_minor"),
            ("DeviceMajor", "stx_dev_major"), ("DeviceMinor", "stx_dev_minor")),
        new(typeof(FileSystemStatus.StatFs), "struct statfs", ("Type", "f_type"), ("BlockSize", "f_bsize"), ("Blocks", "f_blocks"), ("Free", "f_bfree"),
            ("Available", "f_bavail"), ("FilesTotal", "f_files"), ("FilesFree", "f_ffree"), ("Id", "f_fsid"), ("NameLength", "f_namelen"),
            ("FragmentSize", "f_frsize"), ("Flags", "f_flags")),
        new(typeof(OfdLock.Flock), "struct flock", ("Type", "l_type"), ("Whence", "l_whence"), ("Start", "l_start"), ("Length", "l_len"), ("Pid", "l_pid")),
        new(typeof(PollDescriptor), "struct pollfd", ("Descriptor", "fd"), ("Events", "events"), ("Returned", "revents")),
        new(typeof(MountAttributes), "struct mount_attr", ("Set", "attr_set"), ("Clear", "attr_clr"), ("Propagation", "propagation"), ("UserNamespace", "userns_fd")),
        new(typeof(WindowSize), "struct winsize", ("Rows", "ws_row"), ("Columns", "ws_col"), ("PixelsX", "ws_xpixel"), ("PixelsY", "ws_ypixel")),
        new(typeof(Sockets.IoVector), "struct iovec", ("Base", "iov_base"), ("Length", "iov_len")),
        new(typeof(Sockets.MessageHeader), "struct msghdr", ("Name", "msg_name"), ("NameLength", "msg_namelen"), ("Vectors", "msg_iov"), ("VectorCount", "msg_iovlen"),
            ("Control", "msg_control"), ("ControlLength", "msg_controllen"), ("Flags", "msg_flags")),
    ];
}
