namespace Lofizone.Interop.Tests;

/// <summary>Rows for linux/fuse.h.</summary>
internal static class FuseStructs
{
    public static IReadOnlyList<StructRow> Rows { get; } =
    [
        new(typeof(FuseInHeader), "struct fuse_in_header", ("Length", "len"), ("Opcode", "opcode"), ("Unique", "unique"), ("NodeId", "nodeid"),
            ("UserId", "uid"), ("GroupId", "gid"), ("ProcessId", "pid")),
        new(typeof(FuseOutHeader), "struct fuse_out_header", ("Length", "len"), ("Error", "error"), ("Unique", "unique")),
        new(typeof(FuseInitIn), "struct fuse_init_in", ("Major", "major"), ("Minor", "minor"), ("MaxReadAhead", "max_readahead"), ("Flags", "flags"),
            ("Flags2", "flags2")),
        new(typeof(FuseInitOut), "struct fuse_init_out", ("Major", "major"), ("Minor", "minor"), ("MaxReadAhead", "max_readahead"), ("Flags", "flags"),
            ("MaxBackground", "max_background"), ("CongestionThreshold", "congestion_threshold"), ("MaxWrite", "max_write"),
            ("TimeGranularity", "time_gran"), ("MaxPages", "max_pages"), ("MapAlignment", "map_alignment"), ("Flags2", "flags2")),
        new(typeof(FuseAttributes), "struct fuse_attr", ("Inode", "ino"), ("Size", "size"), ("Blocks", "blocks"), ("AccessTime", "atime"),
            ("ModifyTime", "mtime"), ("ChangeTime", "ctime"), ("AccessTimeNanoseconds", "atimensec"), ("ModifyTimeNanoseconds", "mtimensec"),
            ("ChangeTimeNanoseconds", "ctimensec"), ("Mode", "mode"), ("LinkCount", "nlink"), ("UserId", "uid"), ("GroupId", "gid"),
            ("Device", "rdev"), ("BlockSize", "blksize"), ("Flags", "flags")),
        new(typeof(FuseAttributesOut), "struct fuse_attr_out", ("ValidSeconds", "attr_valid"), ("ValidNanoseconds", "attr_valid_nsec"), ("Attributes", "attr")),
        new(typeof(FuseGetAttributesIn), "struct fuse_getattr_in", ("Flags", "getattr_flags"), ("Handle", "fh")),
        new(typeof(FuseSetAttributesIn), "struct fuse_setattr_in", ("Valid", "valid"), ("Handle", "fh"), ("Size", "size"), ("LockOwner", "lock_owner"),
            ("AccessTime", "atime"), ("ModifyTime", "mtime"), ("ChangeTime", "ctime"), ("AccessTimeNanoseconds", "atimensec"),
            ("ModifyTimeNanoseconds", "mtimensec"), ("ChangeTimeNanoseconds", "ctimensec"), ("Mode", "mode"), ("UserId", "uid"), ("GroupId", "gid")),
        new(typeof(FuseStatFsOut), "struct fuse_statfs_out", ("Blocks", "st.blocks"), ("BlocksFree", "st.bfree"), ("BlocksAvailable", "st.bavail"),
            ("Files", "st.files"), ("FilesFree", "st.ffree"), ("BlockSize", "st.bsize"), ("NameLength", "st.namelen"), ("FragmentSize", "st.frsize")),
        new(typeof(FuseOpenIn), "struct fuse_open_in", ("Flags", "flags"), ("OpenFlags", "open_flags")),
        new(typeof(FuseOpenOut), "struct fuse_open_out", ("Handle", "fh"), ("OpenFlags", "open_flags")),
        new(typeof(FuseReleaseIn), "struct fuse_release_in", ("Handle", "fh"), ("Flags", "flags"), ("ReleaseFlags", "release_flags"), ("LockOwner", "lock_owner")),
        new(typeof(FuseFlushIn), "struct fuse_flush_in", ("Handle", "fh"), ("LockOwner", "lock_owner")),
        new(typeof(FuseReadIn), "struct fuse_read_in", ("Handle", "fh"), ("Offset", "offset"), ("Size", "size"), ("ReadFlags", "read_flags"),
            ("LockOwner", "lock_owner"), ("Flags", "flags")),
        new(typeof(FuseWriteIn), "struct fuse_write_in", ("Handle", "fh"), ("Offset", "offset"), ("Size", "size"), ("WriteFlags", "write_flags"),
            ("LockOwner", "lock_owner"), ("Flags", "flags")),
        new(typeof(FuseWriteOut), "struct fuse_write_out", ("Size", "size")),
        new(typeof(FuseFsyncIn), "struct fuse_fsync_in", ("Handle", "fh"), ("Flags", "fsync_flags")),
        new(typeof(FuseAccessIn), "struct fuse_access_in", ("Mask", "mask")),
        new(typeof(FuseFallocateIn), "struct fuse_fallocate_in", ("Handle", "fh"), ("Offset", "offset"), ("Length", "length"), ("Mode", "mode")),
        new(typeof(FuseSeekIn), "struct fuse_lseek_in", ("Handle", "fh"), ("Offset", "offset"), ("Whence", "whence")),
        new(typeof(FuseInterruptIn), "struct fuse_interrupt_in", ("Unique", "unique")),
        new(typeof(FuseForgetIn), "struct fuse_forget_in", ("LookupCount", "nlookup")),
        new(typeof(FuseBatchForgetIn), "struct fuse_batch_forget_in", ("Count", "count")),
    ];
}
