using Lofizone.Integration.Tests.Zones;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Commands;

/// <summary>Mistakes of a user who makes a zone. Each gives one message with cause and remedy, and changes nothing.</summary>
public sealed class BadInputTests(NasHost nas) : IClassFixture<NasHost>
{
    private TestHost Host => nas.Host;

    [Theory]
    [InlineData("boot")]
    [InlineData("halt")]
    [InlineData("reboot")]
    [InlineData("install")]
    [InlineData("uninstall", "-F")]
    [InlineData("delete", "-F")]
    [InlineData("verify")]
    [InlineData("login")]
    [InlineData("console")]
    [InlineData("explain")]
    [InlineData("df")]
    public async Task A_zone_that_is_not_there_is_named_in_the_message(string verb, params string[] more)
    {
        CommandResult end = await Host.RunAsync([verb, "nope", .. more]);
        end.AssertRefused("nope: No such zone configured", "zone list");
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("../x")]
    [InlineData(".x")]
    [InlineData("a b")]
    [InlineData("global")]
    public async Task A_name_that_no_zone_can_have_is_refused_by_every_verb(string name)
    {
        IReadOnlyList<string> before = Leavings.Of(Host, nas.ShareDirectory);
        (await Host.RunAsync("create", name, nas.Share)).AssertWrongUsage(name);
        foreach (string verb in new[] { "boot", "halt", "install", "explain" })
            (await Host.RunAsync(verb, name)).AssertWrongUsage(name);
        Assert.Equal(before, Leavings.Of(Host, nas.ShareDirectory));
        string locks = Path.Combine(Host.Paths.Run, "locks");
        Assert.False(Path.Exists(Path.Combine(locks, name)), $"a lock was made for {name}");
    }

    [Fact]
    public async Task A_server_on_which_nothing_listens_is_named_with_its_port() =>
        await RefusedCreateAsync(["nfs://127.0.0.1:1/export/zones"], "127.0.0.1:1", "can't be reached", "TCP port 1");

    [Fact]
    public async Task An_export_that_is_missing_is_named_with_its_server() =>
        await RefusedCreateAsync([$"nfs://127.0.0.1:{nas.Server.Port}/nowhere"], "/nowhere does not exist", $"127.0.0.1:{nas.Server.Port}");

    [Fact]
    public async Task A_directory_that_is_missing_below_the_export_is_named() =>
        await RefusedCreateAsync([$"{nas.Share}/nowhere"], "/export/nowhere does not exist");

    [Fact]
    public async Task A_directory_that_the_squashed_root_may_not_write_is_refused_with_the_identity_that_was_used() =>
        await RefusedCreateAsync([await nas.MakeDirectoryAsync("readonly", writable: false)], "denies user 0, group 0", "nfs://USER@");

    [Theory]
    [InlineData("http://server/zones", "not a share")]
    [InlineData("nfs://server", "nfs://server")]
    [InlineData("dir:relative/path", "relative/path")]
    public async Task A_share_that_is_none_is_refused(string share, string word) => await WronglyUsedCreateAsync([share], word);

    [Fact]
    public async Task An_image_too_small_for_the_install_is_refused_with_a_size_that_would_do() =>
        await RefusedCreateAsync([nas.Share, "--size", "100m"], "100.0 MiB is too small", "choose a larger size");

    [Theory]
    [InlineData("1x")]
    [InlineData("0")]
    [InlineData("many")]
    public async Task A_size_that_is_none_is_refused(string size) => await WronglyUsedCreateAsync([nas.Share, "--size", size], size);

    [Fact]
    public async Task A_share_with_too_little_space_is_refused_before_anything_is_written()
    {
        string small = Directory.CreateDirectory(Path.Combine(Host.Root, "small")).FullName;
        await TestProgram.RunAsync("mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", small);
        try
        {
            await RefusedCreateAsync([$"dir:{small}"], "no space on the share", "free some space");
            Assert.Empty(Directory.GetFileSystemEntries(small));
        }
        finally
        {
            await TestProgram.RunAsync("umount", small);
        }
    }

    [Fact]
    public async Task A_zonepath_that_is_not_empty_is_refused_and_kept()
    {
        string file = Path.Combine(Directory.CreateDirectory(Path.Combine(Host.Root, "full")).FullName, "precious");
        await File.WriteAllTextAsync(file, "kept", TestContext.Current.CancellationToken);
        await RefusedCreateAsync([nas.Share, "--zonepath", Path.GetDirectoryName(file)!], "is not empty", "another zonepath");
        Assert.Equal("kept", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_zonepath_that_is_a_symbolic_link_is_refused_even_when_it_leads_nowhere()
    {
        string target = Directory.CreateDirectory(Path.Combine(Host.Root, "target")).FullName;
        string link = Path.Combine(Host.Root, "link"), dangling = Path.Combine(Host.Root, "dangling");
        Directory.CreateSymbolicLink(link, target);
        Directory.CreateSymbolicLink(dangling, Path.Combine(Host.Root, "nowhere"));
        await RefusedCreateAsync([nas.Share, "--zonepath", link], "is a symbolic link");
        await RefusedCreateAsync([nas.Share, "--zonepath", dangling], "is a symbolic link");
        Assert.Empty(Directory.GetFileSystemEntries(target));
    }

    [Fact]
    public async Task An_interface_that_is_missing_is_refused_before_the_zone_is_made() =>
        await RefusedCreateAsync([nas.Share, "--boot", "--net", "nobr0,192.0.2.7/24"], "no interface nobr0", "ip link add nobr0 type bridge");

    [Fact]
    public async Task Verify_finds_what_a_boot_would_find_and_tells_all_of_it()
    {
        await Host.RunCheckedAsync("zonecfg", "-z", "plan", $"create; set zonepath={Host.Root}/zones/plan; add rootimage; set storage={nas.Share}; set size=20m; end; add net; set physical=nobr0; end; add net; set physical=nobr1; end");
        try
        {
            foreach (string[] command in (string[][])[["verify", "plan"], ["zoneadm", "-z", "plan", "verify"]])
                (await Host.RunAsync(command)).AssertFailed("no interface nobr0", "ip link add nobr0 type bridge", "no interface nobr1", "20.0 MiB is too small");
        }
        finally
        {
            await Host.RunCheckedAsync("zonecfg", "-z", "plan", "delete", "-F");
        }
    }

    [Fact]
    public async Task Solaris_names_of_devices_and_sizes_as_people_write_them_are_understood()
    {
        string file = Path.Combine(Host.Root, "image file");
        await Host.RunCheckedAsync("mkfile", "-n", "33.5MB", file);
        Assert.Equal(33_501_184, new FileInfo(file).Length);
        string device = (await Host.RunCheckedAsync("lofiadm", "-a", file)).Trim();
        try
        {
            Assert.Contains("/image%20file", await Host.RunCheckedAsync("lofiadm"), StringComparison.Ordinal);
            string raw = $"/dev/rlofi/{Path.GetFileName(device)}";
            await Host.RunCheckedAsync("newfs", "-y", raw);
            Assert.Equal($"dir:{file.Replace(" ", "%20", StringComparison.Ordinal)}", (await Host.RunCheckedAsync("lofiadm", raw)).Trim());
        }
        finally
        {
            await Host.RunCheckedAsync("lofiadm", "-d", $"dir:{file.Replace(" ", "%20", StringComparison.Ordinal)}");
        }
    }

    [Fact]
    public async Task The_pseudo_root_of_a_server_is_a_share_that_can_be_listed() =>
        Assert.StartsWith("NAME", await Host.RunCheckedAsync("list", "--share", $"nfs://127.0.0.1:{nas.Server.Port}/"), StringComparison.Ordinal);

    [Fact]
    public async Task Only_root_makes_zones_and_is_told_so()
    {
        string[] nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        foreach (string[] command in (string[][])[["create", "web", nas.Share], ["boot", "web"], ["delete", "web", "-F"], ["zonecfg", "-z", "web", "info"], ["zoneadm", "-z", "web", "boot"], ["lofiadm", "-a", "/tmp/x"], ["newfs", "-y", "/dev/lofi/1"]])
            (await Host.RunAsync(null, nobody, command)).AssertRefused("must be root", "sudo");
    }

    private Task RefusedCreateAsync(string[] arguments, params string[] words) => CreateAsync(arguments, end => end.AssertRefused(words));

    private Task WronglyUsedCreateAsync(string[] arguments, params string[] words) => CreateAsync(arguments, end => end.AssertWrongUsage(words));

    private async Task CreateAsync(string[] arguments, Action<CommandResult> check)
    {
        IReadOnlyList<string> before = Leavings.Of(Host, nas.ShareDirectory);
        CommandResult end = await Host.RunAsync(["create", "bad", .. arguments]);
        check(end);
        Assert.Contains("\n  ", end.Error, StringComparison.Ordinal);
        Assert.Equal(before, Leavings.Of(Host, nas.ShareDirectory));
    }
}
