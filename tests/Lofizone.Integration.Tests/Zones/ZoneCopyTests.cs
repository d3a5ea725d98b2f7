using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>zone cp, and zonename in a zone.</summary>
public sealed class ZoneCopyTests(TinyRunningZone zone) : IClassFixture<TinyRunningZone>
{
    private TestHost Host => zone.Host;

    [Fact]
    public async Task Files_and_directories_are_copied_both_ways()
    {
        string here = Directory.CreateDirectory(Path.Combine(Host.Root, "copies")).FullName;
        string tree = Path.Combine(here, "tree");
        Directory.CreateDirectory(Path.Combine(tree, "sub"));
        await File.WriteAllTextAsync(Path.Combine(tree, "sub/file"), new string('x', 300_000), TestContext.Current.CancellationToken);
        File.SetUnixFileMode(Path.Combine(tree, "sub/file"), (UnixFileMode)0b111_101_000);
        File.CreateSymbolicLink(Path.Combine(tree, "link"), "sub/file");
        await TestProgram.RunAsync("mkfifo", Path.Combine(tree, "fifo"));

        await Host.RunCheckedAsync("cp", "-r", tree, "web:/tmp/");
        await Host.RunCheckedAsync("cp", Path.Combine(tree, "sub/file"), "web:/root/renamed");
        await Host.RunCheckedAsync("cp", Path.Combine(tree, "link"), "web:/root");
        Assert.Equal("300000 0:0 750", await zone.InAsync("sh", "-c", "cd /tmp/tree/sub && echo $(wc -c <file) $(stat -c '%u:%g %a' file)"));
        Assert.Equal("sub/file", await zone.InAsync("readlink", "/tmp/tree/link"));
        Assert.Equal("300000 300000", await zone.InAsync("sh", "-c", "echo $(wc -c </root/renamed) $(wc -c </root/link)"));

        await zone.InAsync("rm", "/tmp/tree/link");
        await Host.RunCheckedAsync("cp", "-r", "web:/tmp/tree", Path.Combine(here, "back"));
        await Host.RunCheckedAsync("cp", "web:/tmp/tree/sub/file", here);
        Assert.Equal(300_000, new FileInfo(Path.Combine(here, "back/sub/file")).Length);
        Assert.Equal(300_000, new FileInfo(Path.Combine(here, "file")).Length);
        Assert.Equal((UnixFileMode)0b111_101_000, File.GetUnixFileMode(Path.Combine(here, "file")));
    }

    [Fact]
    public async Task What_can_not_be_copied_is_told_and_nothing_is_written()
    {
        string here = Directory.CreateDirectory(Path.Combine(Host.Root, "refused")).FullName;
        (await Host.RunAsync("cp", "web:/tmp", here)).AssertRefused("web:/tmp: is a directory", "-r");
        (await Host.RunAsync("cp", here, "web:/tmp")).AssertRefused("is a directory", "-r");
        (await Host.RunAsync("cp", "web:/no/such", here)).AssertFailed("zone web: /no/such can't be copied");
        (await Host.RunAsync("cp", Path.Combine(here, "gone"), "web:/tmp")).AssertRefused("no such file");
        (await Host.RunAsync("cp", "/etc/hostname", "web:/no/such/directory/x")).AssertFailed("can't be written");
        (await Host.RunAsync("cp", "web:/etc/passwd", Path.Combine(here, "no/x"))).AssertRefused("no such directory");
        (await Host.RunAsync("cp", "/a", "/b")).AssertWrongUsage("NAME:/PATH");
        (await Host.RunAsync("cp", "web:/a", "web:/b")).AssertWrongUsage("NAME:/PATH");
        Assert.Empty(Directory.GetFileSystemEntries(here));
    }

    /// <summary>A zone whose tar is hostile: it writes into another place, or writes without end.</summary>
    [Fact]
    public async Task A_hostile_tar_of_the_zone_writes_nothing_outside()
    {
        string here = Directory.CreateDirectory(Path.Combine(Host.Root, "hostile")).FullName;
        await zone.InAsync("sh", "-c", "mkdir -p /evil/x && echo hostile >/evil/x/file && mv /bin/tar /bin/kept && ln -s busybox /bin/unused");
        try
        {
            foreach (string tar in (string[])["cd /evil && exec /bin/busybox tar -cf - x", "cd /evil && exec /bin/busybox tar -cf - /evil/x", "exec yes", "exit 0"])
            {
                await zone.InAsync("sh", "-c", $"printf '#!/bin/sh\\n%s\\n' '{tar}' >/bin/tar && chmod 755 /bin/tar");
                CommandResult copy = await Host.RunAsync("cp", "-r", "web:/etc", here);
                copy.AssertFailed("its tar did not write what was asked for");
                Assert.Empty(Directory.GetFileSystemEntries(here));
            }
        }
        finally
        {
            await zone.InAsync("mv", "/bin/kept", "/bin/tar");
        }
    }

    [Fact]
    public async Task Zonename_tells_global_on_the_host_and_a_zone_has_its_name_in_a_file()
    {
        Assert.Equal("global\n", await Host.RunCheckedAsync("zonename"));
        Assert.Equal("web", await zone.InAsync("cat", "/etc/zonename"));
        Assert.Equal("0:0 644", await zone.InAsync("stat", "-c", "%u:%g %a", "/etc/zonename"));
    }
}
