using Lofizone.Hosts;

namespace Lofizone.Tests.Hosts;

/// <summary>The hosts that a record on a share may name to a program that ends hosts.</summary>
public sealed class KnownHostsTests : IDisposable
{
    private static readonly string _a = new('a', 32), _b = new('b', 32);

    private readonly TemporaryHost _host = new();

    public void Dispose() => _host.Dispose();

    private KnownHosts Known => new(_host.Paths);

    [Fact]
    public void Nobody_is_known_without_the_file()
    {
        Assert.Empty(Known.Read());
        Assert.False(Known.Knows("a", _a));
    }

    [Fact]
    public void A_host_is_known_by_name_and_ID()
    {
        HostFile.Write(_host.Paths.KnownHosts, System.Text.Encoding.UTF8.GetBytes($"# ours\n{_a} a.example.org # first\n\n\t{_b}\tb\n"));
        Assert.True(Known.Knows("a.example.org", _a));
        Assert.False(Known.Knows("a.example.org", _b));
        Assert.False(Known.Knows("b", _a));
        Assert.False(Known.Knows("c", _a));
        // The record has only the name.
        Assert.True(Known.Knows("b", null));
        Assert.False(Known.Knows("c", null));
    }

    [Theory]
    [InlineData("b")]
    [InlineData("0123 b")]
    [InlineData("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb b c")]
    [InlineData("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb -rf")]
    public void A_line_that_is_none_is_named(string line)
    {
        HostFile.Write(_host.Paths.KnownHosts, System.Text.Encoding.UTF8.GetBytes($"{_a} a\n{line}\n"));
        Assert.Contains("line 2 is no host", Assert.Throws<LofizoneException>(Known.Read).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("b", "b")]
    [InlineData("b", "root@b.example.org")]
    [InlineData("b.example.org", "B")]
    public void A_host_that_was_reached_by_its_name_is_noted_once(string name, string calledBy)
    {
        Known.Learn(_b, name, calledBy);
        Known.Learn(_b, name, calledBy);
        Assert.Equal([new KnownHost(_b, name)], Known.Read());
    }

    [Fact]
    public void A_host_does_not_choose_another_hosts_name()
    {
        Known.Learn(_a, "a", "a");
        Known.Learn(_b, "a", "a");
        Known.Learn(_b, "a", "b");
        Known.Learn(_a, "b", "b");
        Known.Learn(_b, "b x", "b x");
        Known.Learn("short", "c", "c");
        Assert.Equal([new KnownHost(_a, "a")], Known.Read());
    }

    [Fact]
    public void What_a_person_wrote_stays()
    {
        HostFile.Write(_host.Paths.KnownHosts, System.Text.Encoding.UTF8.GetBytes($"# ours\n{_a} a"));
        Known.Learn(_b, "b", "b");
        Assert.Equal($"# ours\n{_a} a\n{_b} b\n", System.Text.Encoding.UTF8.GetString(HostFile.Read(_host.Paths.KnownHosts)!));
    }
}
