using Lofizone.Install.State;

namespace Lofizone.Tests.Install;

public sealed class ZoneHostNameTests
{
    [Theory]
    [InlineData("web", "web", "web")]
    [InlineData("db.example.net", "db.example.net", "db.example.net")]
    [InlineData("my_zone", "my-zone", "my-zone my_zone")]
    [InlineData("a..b", "a.b", "a.b a..b")]
    [InlineData("a-.b_", "a.b", "a.b a-.b_")]
    public void The_host_name_inside_is_one_that_every_init_takes_and_both_names_resolve(string zone, string host, string hosts) =>
        Assert.Equal((host, hosts), (ZoneHostName.Of(zone), ZoneHostName.InHosts(zone)));
}
