using Lofizone.Runtime;
using Lofizone.Testing;

namespace Lofizone.Tests.Runtime;

public sealed class ZoneUserTests : IDisposable
{
    private const uint Ids = 65536;

    private readonly string _root = Directory.CreateTempSubdirectory("lofizone-tests-").FullName;

    public ZoneUserTests()
    {
        foreach (string directory in (string[])["etc", "bin", "home/ann"])
            Directory.CreateDirectory(Path.Combine(_root, directory));
        foreach (string shell in (string[])["bin/sh", "bin/zsh"])
            File.WriteAllText(Path.Combine(_root, shell), "");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_user_has_ids_groups_home_and_shell_of_the_zones_own_files()
    {
        Passwd("root:x:0:0::/root:/bin/sh", "ann:x:1000:1001:Ann:/home/ann:/bin/zsh");
        File.WriteAllText(Path.Combine(_root, "etc/group"), "a:x:7:bob,ann\nb:x:8:anna\nc:x:9:ann\nd:x:70000:ann\ne:x:9:ann\n");
        ZoneUser ann = Find("ann");
        Assert.Equal(("ann", 1000u, 1001u, "/home/ann", "/bin/zsh", false), (ann.Name, ann.Uid, ann.Gid, ann.Home, ann.Shell, ann.IsRoot));
        Assert.Equal([7u, 9u], ann.Groups);
    }

    [Fact]
    public void A_home_or_shell_that_does_not_exist_is_replaced()
    {
        Passwd("ann:x:1000:1000::/home/gone:/bin/gone", "bob:x:1001:1001::home/ann:zsh", "eve:x:1002:1002::/bin/sh:/bin/sh");
        Assert.Equal(("/", "/bin/sh"), (Find("ann").Home, Find("ann").Shell));
        Assert.Equal(("/", "/bin/sh"), (Find("bob").Home, Find("bob").Shell));
        Assert.Equal("/", Find("eve").Home);
    }

    [Theory]
    [InlineData("65536:1")]
    [InlineData("1:65536")]
    [InlineData("-1:1")]
    [InlineData("4294967296:1")]
    [InlineData(":")]
    public void An_id_outside_of_the_zone_is_refused(string ids)
    {
        Passwd($"ann:x:{ids}::/:/bin/sh");
        Assert.Contains("has an ID that the zone does not have", Assert.Throws<LofizoneException>(() => Find("ann")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_user_is_refused_and_root_needs_no_entry()
    {
        Assert.Equal("zone web: has no user ann?[2J", Assert.Throws<LofizoneException>(() => Find("ann\u001b[2J")).Message);
        Assert.Equal((0u, "/", "/bin/sh"), (Find("root").Uid, Find("root").Home, Find("root").Shell));
        // A zone can't give root's name to another user.
        Passwd("root:x:1000:1000::/root:/bin/zsh");
        Assert.Equal((0u, "/bin/zsh"), (Find("root").Uid, Find("root").Shell));
    }

    [Fact]
    public async Task Files_that_are_no_files_and_links_out_of_the_zone_are_not_followed()
    {
        await TestProgram.RunAsync("mkfifo", Path.Combine(_root, "etc/passwd"));
        Assert.Equal("/bin/sh", Find("root").Shell);
        File.Delete(Path.Combine(_root, "etc/passwd"));
        File.CreateSymbolicLink(Path.Combine(_root, "etc/passwd"), "/proc/self/root/etc/passwd");
        Assert.Throws<LofizoneException>(() => Find("daemon"));
    }

    [Fact]
    public void Without_a_shell_busybox_is_one()
    {
        File.Delete(Path.Combine(_root, "bin/sh"));
        File.WriteAllText(Path.Combine(_root, "bin/busybox"), "");
        Assert.Equal(["/bin/busybox", "sh"], ZoneUser.Safe(_root).ShellWords);
        Assert.Equal(["/bin/busybox", "sh", "-l"], LoginWords.Of(new LoginRequest(), Find("root")));
    }

    [Theory]
    [InlineData("ps | wc -l", "ps | wc -l")]
    [InlineData("echo $HOME", "echo", "$HOME")]
    [InlineData("sh -c 'exit 7'", "sh", "-c", "exit 7")]
    [InlineData(@"echo 'it'\''s one' ''", "echo", "it's one", "")]
    public void Words_become_a_line_as_zlogin_makes_it(string line, params string[] words) => Assert.Equal(line, LoginWords.LineOf(words));

    [Fact]
    public void Root_gets_a_shell_for_a_line_another_user_a_login_shell_and_a_command_none()
    {
        Passwd("ann:x:1000:1000::/:/bin/zsh");
        LoginRequest line = new() { Line = ["a b"] };
        Assert.Equal(["/bin/sh", "-c", "a b"], LoginWords.Of(line, Find("root")));
        Assert.Equal(["/bin/zsh", "-l", "-c", "a b"], LoginWords.Of(line, Find("ann")));
        Assert.Equal(["/bin/sh", "-c", "a b"], LoginWords.Of(line with { Mode = LoginMode.Safe }, ZoneUser.Safe(_root)));
        Assert.Equal(["/bin/sh"], LoginWords.Of(new LoginRequest { Mode = LoginMode.Safe }, ZoneUser.Safe(_root)));
        Assert.Equal(["/bin/sh", "-l"], LoginWords.Of(new LoginRequest(), Find("root")));
        Assert.Equal(["a b", "$x"], LoginWords.Of(new LoginRequest { Command = ["a b", "$x"] }, Find("root")));
    }

    private ZoneUser Find(string name) => ZoneUser.Find("web", _root, name, Ids);

    private void Passwd(params string[] lines) => File.WriteAllText(Path.Combine(_root, "etc/passwd"), string.Join('\n', lines) + "\n");
}
