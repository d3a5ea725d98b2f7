using System.Globalization;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Runtime;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Runtime;

/// <summary>A program that an install or update runs on a zone's root can change nothing outside that root.</summary>
public sealed class ConfinedTreeTests : IDisposable
{
    private const uint Base = 1_200_000_000;

    private readonly string _tree = Directory.CreateTempSubdirectory("lofizone-tree-").FullName;
    private readonly ConfinedTree _trees = new(new ProgramRunner(), TestHost.ZoneBinary);

    public ConfinedTreeTests() => Directory.CreateDirectory(_tree + "/dev");

    public void Dispose() => Directory.Delete(_tree, recursive: true);

    [Fact]
    public async Task A_program_of_the_tree_is_root_of_the_tree_and_nobody_elsewhere()
    {
        File.Copy("/bin/busybox", _tree + "/busybox");
        File.SetUnixFileMode(_tree + "/busybox", (UnixFileMode)0b111_101_101);
        string secret = Path.Combine(_tree, "secret");
        await File.WriteAllTextAsync(secret, "for root of the tree", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(secret, UnixFileMode.UserRead);
        string script = $$"""
            b=/busybox
            $b id -u; $b cat /secret; echo; $b ls /
            $b touch /made
            [ -c /dev/null ] && echo null
            $b mkdir /proc && $b mount -t proc proc /proc && echo mounted
            $b kill -0 {{Environment.ProcessId}} && echo reaches the host
            for i in 1 2 3 4 5 6 7 8 9; do cd ..; done; $b ls /etc && echo sees the host
            $b mknod /sda b 8 0 && echo makes devices
            exit 7
            """;
        LofizoneException end = await Assert.ThrowsAsync<LofizoneException>(() => RunAsync(TreeProgram.OfTree, "/busybox", "sh", "-c", script + "\n"));
        Assert.Contains("zone web: /busybox sh -c", end.Message, StringComparison.Ordinal);
        Assert.Contains("in its root: exit code 7", end.Message, StringComparison.Ordinal);

        ProgramResult result = await RunAsync(TreeProgram.OfTree, "/busybox", "sh", "-c", script.Replace("exit 7", "exit 0", StringComparison.Ordinal));
        Assert.Equal(["0", "for root of the tree", "busybox", "dev", "made", "proc", "secret", "null"], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        using DirectoryHandle tree = DirectoryHandle.Open(_tree);
        Assert.Equal((0u, 0u), (tree.TryStat("made")!.Uid, tree.TryStat("made")!.Gid));
        Assert.Equal([], Directory.GetFileSystemEntries(_tree + "/dev"));
    }

    [Fact]
    public async Task A_program_of_the_host_sees_the_tree_and_what_programs_need_and_has_no_power_and_no_network()
    {
        const string script = """
            ls /; cat /proc/self/uid_map; ls /proc | grep -c '^[0-9]'
            ip -o link | grep -c .; ip link set lo up 2>/dev/null && echo network
            touch /usr/mine 2>/dev/null && echo writes
            hostname other 2>/dev/null && echo hostname
            mount -t tmpfs none /tree 2>/dev/null && echo mounts
            umount /usr 2>/dev/null && echo unmounts
            unshare --mount sh -c 'umount -l /usr 2>/dev/null; ls -d /etc /home /run 2>/dev/null'
            prlimit --nproc --noheadings --raw --output SOFT
            """;
        ProgramResult result = await RunAsync(TreeProgram.OfHost, "/bin/sh", "-c", script);
        string[] said = [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
        Assert.Empty(said.TakeWhile(l => !l.StartsWith("0 ", StringComparison.Ordinal)).Except(["bin", "dev", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "tree", "usr"]));
        string[] rest = [.. said.SkipWhile(l => !l.StartsWith("0 ", StringComparison.Ordinal))];
        Assert.Equal($"0 {Base} 65536", rest[0]);
        Assert.InRange(int.Parse(rest[1], CultureInfo.InvariantCulture), 1, 9);
        Assert.Equal(["1", "256"], rest[2..]);
    }

    [Fact]
    public async Task A_tree_whose_dev_leads_elsewhere_is_refused()
    {
        Directory.Delete(_tree + "/dev");
        File.CreateSymbolicLink(_tree + "/dev", "/usr");
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => RunAsync(TreeProgram.OfHost, "/bin/true"));
        Assert.Contains("/dev of the zone is no directory", error.Message, StringComparison.Ordinal);
    }

    private Task<ProgramResult> RunAsync(TreeProgram whose, params string[] command) =>
        _trees.RunAsync("web", _tree, Base, whose, command, TestContext.Current.CancellationToken);
}
