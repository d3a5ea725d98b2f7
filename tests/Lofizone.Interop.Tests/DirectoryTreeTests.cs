using System.Diagnostics;
using System.Text;

namespace Lofizone.Interop.Tests;

/// <summary>Trees that a zone's root could make.</summary>
public sealed class DirectoryTreeTests : IDisposable
{
    /// <summary>Depth beyond a path's longest length, and beyond a process's number of open files.</summary>
    private const int Depth = 6000;

    /// <summary>The trees are in memory, because a shared disk needs tens of seconds for them.</summary>
    private readonly string _directory = Directory.CreateDirectory($"/dev/shm/lofizone-tree-{Guid.NewGuid():N}").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        using (DirectoryHandle handle = DirectoryHandle.Open(_directory))
            DirectoryTree.Empty(handle, CancellationToken.None);
        Directory.Delete(_directory);
    }

    [Fact]
    public void A_tree_6000_deep_is_cloned_and_removed()
    {
        Make("old");
        Nest("old", Depth);
        using DirectoryHandle parent = DirectoryHandle.Open(_directory);
        LinkedTree.Make(parent, "old", "new", Cancellation);
        Assert.Equal(Depth, DepthOf("new"));
        DirectoryTree.Remove(parent, "new", Cancellation);
        Assert.Equal(Depth, DepthOf("old"));
        DirectoryTree.Remove(parent, "old", Cancellation);
        Assert.Empty(Directory.GetFileSystemEntries(_directory));
        DirectoryTree.Remove(parent, "old", Cancellation);
    }

    [Fact]
    public async Task Any_kind_of_file_any_name_and_any_attribute_is_cloned_and_removed_and_no_link_followed()
    {
        string outside = Make("outside"), tree = Make("old"), immutable = Make("old/immutable/below");
        await File.WriteAllTextAsync(outside + "/kept", "kept", Cancellation);
        File.CreateSymbolicLink(tree + "/absolute", outside);
        Directory.CreateSymbolicLink(tree + "/up", "../outside");
        await File.WriteAllTextAsync(tree + "/a\nb", "", Cancellation);
        Directory.CreateDirectory(tree + "/removed-0/removed-1/removed-2");
        DescriptorPath.MakeFifo(tree + "/fifo");
        using (FileDescriptor raw = Files.Open(tree, OpenFlags.Directory))
            Assert.Equal(Errno.None, RawDirectory.MakeDirectory(raw, [0xff, 0xfe, 0], 0x1c0));
        for (int i = 0; i < 3000; i++)
            Directory.CreateDirectory(tree + "/many/" + i + "/sub");
        using DirectoryHandle parent = DirectoryHandle.Open(_directory);
        LinkedTree.Make(parent, "old", "new", Cancellation);
        Assert.Equal(Lines("find", tree, "-mindepth", "1", "-printf", "%P %y %m %n\\0").Length, Lines("find", _directory + "/new", "-mindepth", "1", "-printf", "%P %y %m %n\\0").Length);
        DirectoryTree.Remove(parent, "new", Cancellation);

        await File.WriteAllTextAsync(immutable + "/file", "", Cancellation);
        await File.WriteAllTextAsync(immutable + "/log", "", Cancellation);
        Lines("chattr", "+a", immutable + "/log");
        Lines("chattr", "+i", immutable + "/file", immutable, tree);
        UnchangeableFileException refused = Assert.Throws<UnchangeableFileException>(() => LinkedTree.Make(parent, "old", "new", Cancellation));
        Assert.StartsWith("old: immutable", refused.Message, StringComparison.Ordinal);
        DirectoryTree.Remove(parent, "new", Cancellation);
        DirectoryTree.Remove(parent, "old", Cancellation);
        Assert.Equal("kept", await File.ReadAllTextAsync(outside + "/kept", Cancellation));
        Assert.Equal([outside], Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public void What_is_mounted_in_a_tree_is_neither_entered_nor_removed()
    {
        string mounted = Make("tree/sub/mounted"), elsewhere = Make("elsewhere");
        File.WriteAllText(elsewhere + "/kept", "kept");
        Mount.Attach(elsewhere, mounted, null, MountFlags.Bind);
        try
        {
            using DirectoryHandle parent = DirectoryHandle.Open(_directory);
            Assert.Equal(Errno.EXDEV, Assert.Throws<LinuxException>(() => LinkedTree.Make(parent, "tree", "new", Cancellation)).Errno);
            Assert.Equal(Errno.EBUSY, Assert.Throws<LinuxException>(() => DirectoryTree.Remove(parent, "tree", Cancellation)).Errno);
            Assert.Equal("kept", File.ReadAllText(mounted + "/kept"));
        }
        finally
        {
            Mount.Detach(mounted);
        }
    }

    [Fact]
    public void A_removal_that_is_cancelled_is_taken_up_by_the_next()
    {
        Make("tree");
        Nest("tree", 100);
        using DirectoryHandle parent = DirectoryHandle.Open(_directory);
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => DirectoryTree.Remove(parent, "tree", cancelled.Token));
        DirectoryTree.Remove(parent, "tree", Cancellation);
        Assert.Empty(Directory.GetFileSystemEntries(_directory));
    }

    private string Make(string path) => Directory.CreateDirectory(Path.Combine(_directory, path)).FullName;

    private void Nest(string path, int depth)
    {
        FileDescriptor at = Files.Open(Path.Combine(_directory, path), OpenFlags.Directory);
        for (int i = 0; i < depth; i++)
        {
            Files.MakeDirectory(at, "d", 0x1c0);
            FileDescriptor next = Files.OpenAt(at, "d", OpenFlags.Directory, ResolveFlags.Beneath);
            at.Dispose();
            at = next;
        }

        at.Dispose();
    }

    private int DepthOf(string path)
    {
        FileDescriptor at = Files.Open(Path.Combine(_directory, path), OpenFlags.Directory);
        for (int depth = 0; ; depth++)
        {
            FileDescriptor? next = OpenAt2.TryOpen(at, "d", OpenFlags.Directory, ResolveFlags.Beneath);
            at.Dispose();
            if (next is null)
                return depth;
            at = next;
        }
    }

    private static string[] Lines(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, StandardOutputEncoding = Encoding.Latin1 })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.Split('\0');
    }
}
