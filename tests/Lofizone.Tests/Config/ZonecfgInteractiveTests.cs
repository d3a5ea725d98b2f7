using Lofizone.Config;
using Lofizone.Config.Zonecfg;

namespace Lofizone.Tests.Config;

/// <summary>Sessions as a user at a terminal sees them.</summary>
public sealed class ZonecfgInteractiveTests
{
    private readonly MemoryStore _store = new();

    private static ZoneConfig Zone1 => new() { Name = "zone1", ZonePath = "/zones/zone1", Net = [new NetResource("hme0")] };

    private async Task<string> SessionAsync(int exitCode, params string[] lines)
    {
        FakeTerminal terminal = new(true, lines);
        Assert.Equal(exitCode, await new ZonecfgSession(_store, "zone1", terminal).RunInteractiveAsync(TestContext.Current.CancellationToken));
        return terminal.Screen;
    }

    [Fact]
    public async Task The_session_of_2005_makes_the_zone()
    {
        string screen = await SessionAsync(0, "create", "set zonepath=/zones/zone1", "add net", "set physical=hme0", "set address=", "end", "verify", "exit");
        Assert.Equal(
            """
            zone1: No such zone configured
            Use 'create' to begin configuring a new zone.
            zonecfg:zone1> create
            zonecfg:zone1> set zonepath=/zones/zone1
            zonecfg:zone1> add net
            zonecfg:zone1:net> set physical=hme0
            zonecfg:zone1:net> set address=
            zonecfg:zone1:net> end
            zonecfg:zone1> verify
            zonecfg:zone1> exit

            """,
            screen);
        Assert.Equal(ZoneConfigJson.Digest(Zone1), ZoneConfigJson.Digest(_store.Zones["zone1"] with { Uuid = Guid.Empty }));
    }

    [Fact]
    public async Task Control_D_commits_as_exit_does()
    {
        await SessionAsync(0, "create", "set zonepath=/zones/zone1");
        Assert.Equal("/zones/zone1", _store.Zones["zone1"].ZonePath);
    }

    [Fact]
    public async Task Exit_with_force_saves_nothing()
    {
        await SessionAsync(0, "create", "set zonepath=/zones/zone1", "exit -F");
        Assert.Empty(_store.Zones);
    }

    [Fact]
    public async Task Commit_saves_at_once_and_exit_writes_only_what_changed_since()
    {
        await SessionAsync(0, "create", "set zonepath=/zones/zone1", "commit", "set autoboot=true", "exit");
        Assert.Equal(2, _store.Commits);
        await SessionAsync(0, "info", "set autoboot=true", "exit");
        Assert.Equal(2, _store.Commits);
    }

    [Fact]
    public async Task An_unsound_configuration_is_not_saved_and_the_person_is_asked()
    {
        string screen = await SessionAsync(1, "create", "exit", "n", "exit", "what", "y");
        Assert.Equal(
            """
            zone1: No such zone configured
            Use 'create' to begin configuring a new zone.
            zonecfg:zone1> create
            zonecfg:zone1> exit
            zone1: zonepath: required property missing
            Configuration not saved; really quit (y/[n])? n
            zonecfg:zone1> exit
            zone1: zonepath: required property missing
            Configuration not saved; really quit (y/[n])? what
            Please answer y or n.
            Configuration not saved; really quit (y/[n])? y

            """,
            screen);
        Assert.Empty(_store.Zones);
    }

    [Fact]
    public async Task A_commit_that_fails_says_why_and_the_person_is_asked()
    {
        _store.CommitError = new LofizoneException("dir:/s: no space left", "free some");
        string screen = await SessionAsync(1, "create", "set zonepath=/zones/zone1", "exit", "y");
        Assert.EndsWith(
            """
            zonecfg:zone1> exit
            zone1: dir:/s: no space left
            free some
            Configuration not saved; really quit (y/[n])? y

            """,
            screen,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_of_the_input_inside_a_resource_is_asked_about()
    {
        string screen = await SessionAsync(1, "create", "set zonepath=/zones/zone1", "add net", "exit", "n", "cancel", "add net", "exit", "y");
        Assert.EndsWith(
            """
            zonecfg:zone1> add net
            zonecfg:zone1:net> exit
            Resource incomplete; really quit (y/[n])? n
            zonecfg:zone1:net> cancel
            zonecfg:zone1> add net
            zonecfg:zone1:net> exit
            Resource incomplete; really quit (y/[n])? y

            """,
            screen,
            StringComparison.Ordinal);
        Assert.Empty(_store.Zones["zone1"].Net);
    }

    [Fact]
    public async Task Input_that_ends_at_the_question_saves_nothing()
    {
        Assert.EndsWith("zone1: net: Resource incomplete.\nnothing was saved\n", await SessionAsync(1, "create", "set zonepath=/z", "add net"), StringComparison.Ordinal);
        Assert.Empty(_store.Zones);
    }

    [Fact]
    public async Task An_error_leaves_the_session_and_the_resource_as_they_were()
    {
        string screen = await SessionAsync(0, "create; set zonepath=/zones/zone1", "add net", "set address=192.0.2.7", "set physical=hme0", "end", "exit");
        Assert.Contains(
            """
            zonecfg:zone1:net> set address=192.0.2.7
            zone1: net: address: the prefix length is missing, write 192.0.2.7/24 for example
            zonecfg:zone1:net> set physical=hme0

            """,
            screen,
            StringComparison.Ordinal);
        Assert.Equal(new NetResource("hme0"), Assert.Single(_store.Zones["zone1"].Net));
    }

    [Fact]
    public async Task Delete_asks_first()
    {
        _store.Zones["zone1"] = Zone1;
        Assert.Contains("zonecfg:zone1> delete\nAre you sure you want to delete zone zone1 (y/[n])? n\n", await SessionAsync(0, "delete", "n"), StringComparison.Ordinal);
        Assert.Single(_store.Zones);
        string screen = await SessionAsync(0, "delete", "y", "info", "exit");
        Assert.Contains("zonecfg:zone1> info\nzone1: No such zone configured\n", screen, StringComparison.Ordinal);
        Assert.Empty(_store.Zones);
    }

    [Fact]
    public async Task Revert_asks_first_and_goes_back_to_what_is_committed()
    {
        _store.Zones["zone1"] = Zone1;
        string screen = await SessionAsync(0, "set autoboot=true", "revert", "n", "info autoboot", "revert", "y", "info autoboot");
        Assert.Equal(
            """
            zonecfg:zone1> set autoboot=true
            zonecfg:zone1> revert
            Are you sure you want to revert (y/[n])? n
            zonecfg:zone1> info autoboot
            autoboot: true
            zonecfg:zone1> revert
            Are you sure you want to revert (y/[n])? y
            zonecfg:zone1> info autoboot
            autoboot: false
            zonecfg:zone1> ^D

            """,
            screen);
    }

    [Fact]
    public async Task Removing_all_resources_of_a_type_asks_first()
    {
        _store.Zones["zone1"] = Zone1 with { Net = [new NetResource("hme0"), new NetResource("hme1")] };
        Assert.Contains("Are you sure you want to remove ALL 'net' resources (y/[n])? y", await SessionAsync(0, "remove net", "y"), StringComparison.Ordinal);
        Assert.Empty(_store.Zones["zone1"].Net);
    }
}
