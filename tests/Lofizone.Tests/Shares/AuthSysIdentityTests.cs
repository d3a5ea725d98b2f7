using Lofizone.Shares;

namespace Lofizone.Tests.Shares;

public sealed class AuthSysIdentityTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("lofizone-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("nfs://nas/z", 0, 0)]
    [InlineData("nfs://joost@nas/z", 1000, 100)]
    [InlineData("nfs://joost:staff@nas/z", 1000, 50)]
    [InlineData("nfs://1000@nas/z", 1000, 100)]
    [InlineData("nfs://4711@nas/z", 4711, 4711)]
    [InlineData("nfs://4711:12@nas/z", 4711, 12)]
    public void Names_are_looked_up_and_numbers_stand_for_themselves(string uri, uint uid, uint gid) => Assert.Equal(new AuthSysIdentity(uid, gid), Of(uri));

    [Theory]
    [InlineData("nfs://nobody2@nas/z", "user nobody2")]
    [InlineData("nfs://joost:wheel@nas/z", "group wheel")]
    public void A_name_this_host_does_not_know_is_refused(string uri, string what)
    {
        LofizoneException error = Assert.Throws<LofizoneException>(() => Of(uri));
        Assert.Equal($"{uri}: this host knows no {what}", error.Message);
        Assert.NotNull(error.Advice);
    }

    private AuthSysIdentity Of(string uri)
    {
        string passwd = Path.Combine(_directory, "passwd"), group = Path.Combine(_directory, "group");
        File.WriteAllText(passwd, "root:x:0:0:root:/root:/bin/sh\njoost:x:1000:100:Joost:/home/joost:/bin/sh\nbroken\n");
        File.WriteAllText(group, "root:x:0:\nstaff:x:50:joost\n");
        return AuthSysIdentity.Of(ShareUri.Parse(uri), passwd, group);
    }
}
