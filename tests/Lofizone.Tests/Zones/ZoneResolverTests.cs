using Lofizone.Interop;
using Lofizone.Testing;
using Lofizone.Zones;

namespace Lofizone.Tests.Zones;

public sealed class ZoneResolverTests : IDisposable
{
    private const string Servers = "nameserver 192.0.2.53\n";

    private readonly string _root = Directory.CreateTempSubdirectory("lofizone-test-").FullName;

    public ZoneResolverTests() => Directory.CreateDirectory(Path.Combine(_root, "etc"));

    private string ResolvConf => Path.Combine(_root, "etc/resolv.conf");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void It_is_made_where_there_is_none_and_follows_the_host_as_long_as_it_bears_the_mark()
    {
        ZoneResolver.Write(_root, Servers);
        Assert.Equal($"{ZoneResolver.Mark}\n{Servers}", File.ReadAllText(ResolvConf));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(ResolvConf));
        File.AppendAllText(ResolvConf, "nameserver 192.0.2.54\n");
        ZoneResolver.Write(_root, Servers);
        Assert.Equal($"{ZoneResolver.Mark}\n{Servers}", File.ReadAllText(ResolvConf));
        Assert.Equal([ResolvConf], Directory.GetFileSystemEntries(Path.Combine(_root, "etc")));
    }

    [Fact]
    public void An_empty_file_is_none()
    {
        File.WriteAllText(ResolvConf, "");
        ZoneResolver.Write(_root, Servers);
        Assert.Equal($"{ZoneResolver.Mark}\n{Servers}", File.ReadAllText(ResolvConf));
    }

    [Theory]
    [InlineData("nameserver 192.0.2.1\n")]
    [InlineData("\n")]
    [InlineData("nameserver 192.0.2.1\n" + ZoneResolver.Mark + "\n")]
    public void A_file_of_the_zones_administrator_stays(string content)
    {
        File.WriteAllText(ResolvConf, content);
        ZoneResolver.Write(_root, Servers);
        Assert.Equal(content, File.ReadAllText(ResolvConf));
    }

    [Fact]
    public async Task A_link_a_fifo_and_a_directory_stay_and_nothing_behind_them_is_written_or_waited_for()
    {
        string outside = Path.Combine(_root, "outside");
        File.WriteAllText(outside, ZoneResolver.Mark + "\n");
        File.CreateSymbolicLink(ResolvConf, outside);
        ZoneResolver.Write(_root, Servers);
        Assert.Equal((outside, ZoneResolver.Mark + "\n"), (new FileInfo(ResolvConf).LinkTarget, File.ReadAllText(outside)));

        File.Delete(ResolvConf);
        File.CreateSymbolicLink(ResolvConf, "../run/systemd/resolve/stub-resolv.conf");
        ZoneResolver.Write(_root, Servers);
        Assert.Equal("../run/systemd/resolve/stub-resolv.conf", new FileInfo(ResolvConf).LinkTarget);

        File.Delete(ResolvConf);
        await TestProgram.RunAsync("mkfifo", ResolvConf);
        ZoneResolver.Write(_root, Servers);
        File.Delete(ResolvConf);
        Directory.CreateDirectory(ResolvConf);
        ZoneResolver.Write(_root, Servers);
        Assert.Empty(Directory.GetFileSystemEntries(ResolvConf));
    }

    [Theory]
    [InlineData("etc")]
    [InlineData("")]
    public void A_link_on_the_way_leads_nowhere(string name)
    {
        string elsewhere = Directory.CreateDirectory(Path.Combine(_root, "elsewhere/etc")).FullName;
        string root = Path.Combine(_root, "root");
        if (name.Length == 0)
            File.CreateSymbolicLink(root, "elsewhere");
        else
            File.CreateSymbolicLink(Path.Combine(Directory.CreateDirectory(root).FullName, name), elsewhere);
        Assert.Throws<LinuxException>(() => ZoneResolver.Write(root, Servers));
        Assert.Empty(Directory.GetFileSystemEntries(elsewhere));
    }
}
