using System.Text;
using CsCheck;
using Lofizone.Interop;

namespace Lofizone.Tests.Shares;

public sealed class MountTableTests
{
    private static readonly Gen<string> _path = Gen.Char["ab /\t\n\\#é-:0"].Array[0, 12].Select(c => "/" + new string(c).Trim('/'));

    private static readonly Gen<MountEntry> _entry = Gen.Select(
        Gen.Int[1, 99999], Gen.Int[1, 99999], Gen.UInt[0, 4095], Gen.UInt[0, 1 << 20], _path, _path, Gen.OneOf("ext4", "nfs4", "fuse", "tmpfs"), _path,
        (id, parent, major, minor, root, point, type, source) =>
            new MountEntry(id, parent, new DeviceNumber(major, minor), root, point, "rw,relatime", type, source, "rw,vers=4.2,addr=192.0.2.1"));

    [Fact]
    public void What_the_kernel_writes_is_read_back_whatever_characters_paths_have() => Gen.Select(_entry.List[0, 8], Gen.Int[0, 3]).Sample(
        (entries, optional) => Assert.Equal(entries, MountTable.Parse(string.Concat(entries.Select(e => Line(e, optional)))).Entries));

    [Fact]
    public void Text_that_is_no_mount_table_is_a_FormatException_and_nothing_else() => Gen.Char["0123456789: -/a\n"].Array[0, 60].Sample(characters =>
    {
        try
        {
            MountTable.Parse(new string(characters));
        }
        catch (FormatException)
        {
            return;
        }
    });

    [Fact]
    public void The_mounts_of_this_process_are_read_and_the_root_is_among_them()
    {
        MountTable table = MountTable.Read();
        Assert.NotNull(table.At("/"));
        Assert.Equal("/proc", table.Holding("/proc/self/mountinfo")!.MountPoint);
    }

    [Fact]
    public void Of_two_mounts_at_one_place_the_later_covers_the_earlier()
    {
        MountTable table = MountTable.Parse("1 0 8:1 / / rw - ext4 /dev/a rw\n2 1 8:2 / /m rw - ext4 /dev/b rw\n3 2 8:3 / /m rw - ext4 /dev/c rw\n");
        Assert.Equal(("/dev/c", "/dev/c"), (table.At("/m")!.Source, table.Holding("/m/x")!.Source));
    }

    private static string Line(MountEntry e, int optional) =>
        $"{e.Id} {e.ParentId} {e.Device} {Escape(e.Root)} {Escape(e.MountPoint)} {e.Options}{string.Concat(Enumerable.Repeat(" shared:7", optional))} - {e.FileSystemType} {Escape(e.Source)} {e.SuperOptions}\n";

    /// <summary>Escapes a text as mangle_path() in the kernel's fs/seq_file.c does with " \t\n\\#".</summary>
    private static string Escape(string text)
    {
        StringBuilder escaped = new();
        foreach (char c in text)
            escaped.Append(" \t\n\\#".Contains(c) ? "\\" + Convert.ToString(c, 8).PadLeft(3, '0') : c.ToString());
        return escaped.ToString();
    }
}
