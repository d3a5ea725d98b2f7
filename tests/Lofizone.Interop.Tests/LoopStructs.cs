namespace Lofizone.Interop.Tests;

/// <summary>Rows for linux/loop.h.</summary>
internal static class LoopStructs
{
    public static IReadOnlyList<StructRow> Rows { get; } =
    [
        new(typeof(Loop.LoopInfo64), "struct loop_info64", ("Device", "lo_device"), ("Inode", "lo_inode"), ("RawDevice", "lo_rdevice"), ("Offset", "lo_offset"),
            ("SizeLimit", "lo_sizelimit"), ("Number", "lo_number"), ("EncryptType", "lo_encrypt_type"), ("EncryptKeySize", "lo_encrypt_key_size"),
            ("Flags", "lo_flags"), ("FileName", "lo_file_name"), ("CryptName", "lo_crypt_name"), ("EncryptKey", "lo_encrypt_key"),
            ("Init0", "lo_init[0]"), ("Init1", "lo_init[1]")),
        new(typeof(Loop.LoopConfig), "struct loop_config", ("Descriptor", "fd"), ("BlockSize", "block_size"), ("Info", "info")),
    ];
}
