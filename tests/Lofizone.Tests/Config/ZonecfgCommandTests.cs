using Lofizone.Config;
using Lofizone.Config.Zonecfg;

namespace Lofizone.Tests.Config;

/// <summary>Command files and commands in one argument: their output and their results.</summary>
public sealed class ZonecfgCommandTests
{
    private const string Web = """
        # A zone with everything
        create -b
        set zonepath = /zones/web/   # the slash goes
        set autoboot=true
        add rootimage
          set storage=nfs://joost@nas/export/zones
          set size=300m
        end
        add net
          set address=192.0.2.7/24
          set physical=br0
          set defrouter=192.0.2.1
        end
        add net; set physical="br1"; end
        add attr; set name=note; set type=string; set value="say \"hi\"; # = \\ done"; end
        """;

    private readonly MemoryStore _store = new();

    private async Task<string> ArgumentAsync(int exitCode, string commands, string zone = "web")
    {
        FakeTerminal pipe = new(false);
        Assert.Equal(exitCode, await new ZonecfgSession(_store, zone, pipe).RunArgumentAsync(commands, TestContext.Current.CancellationToken));
        return pipe.Screen;
    }

    private async Task<string> FileAsync(int exitCode, string commands, string name = "web.cfg")
    {
        FakeTerminal pipe = new(false);
        Assert.Equal(exitCode, await new ZonecfgSession(_store, "web", pipe).RunFileAsync(new StringReader(commands), name, TestContext.Current.CancellationToken));
        return pipe.Screen;
    }

    [Fact]
    public async Task A_command_file_makes_a_zone_and_info_shows_it()
    {
        Assert.Equal("", await FileAsync(0, Web));
        Assert.Equal(
            """
            zonename: web
            zonepath: /zones/web
            brand: native
            autoboot: true
            rootimage:
            	storage: nfs://joost@nas/export/zones
            	size: 300m
            	fstype: ext4
            	max-iops not specified
            	max-bandwidth not specified
            net:
            	address: 192.0.2.7/24
            	physical: br0
            	defrouter: 192.0.2.1
            net:
            	address not specified
            	physical: br1
            	defrouter not specified
            attr:
            	name: note
            	type: string
            	value: "say \"hi\"; # = \\ done"

            """,
            await ArgumentAsync(0, "info"));
        Assert.Equal("say \"hi\"; # = \\ done", Assert.Single(_store.Zones["web"].Attr).Value);
    }

    [Fact]
    public async Task Export_prints_the_commands_that_make_the_zone()
    {
        await FileAsync(0, Web);
        Assert.Equal(
            """
            create -b
            set zonepath=/zones/%{zonename}
            set brand=native
            set autoboot=true
            add rootimage
            set storage=nfs://joost@nas/export/zones
            set size=300m
            set fstype=ext4
            end
            add net
            set address=192.0.2.7/24
            set physical=br0
            set defrouter=192.0.2.1
            end
            add net
            set physical=br1
            end
            add attr
            set name=note
            set type=string
            set value="say \"hi\"; # = \\ done"
            end

            """,
            await ArgumentAsync(0, "export"));
    }

    [Fact]
    public async Task Export_writes_a_file_and_says_when_it_cannot()
    {
        await FileAsync(0, Web);
        FakeTerminal pipe = new(false);
        Assert.Equal(0, await new ZonecfgSession(_store, "web", pipe).RunArgumentAsync("export -f web.cfg", TestContext.Current.CancellationToken));
        Assert.Equal(("", await ArgumentAsync(0, "export")), (pipe.Screen, pipe.Files["web.cfg"]));
        Assert.Equal(
            "web: export: /nowhere/web.cfg could not be written: no such directory\nname a file in a directory that is there and writable\n",
            await ArgumentAsync(1, "export -f /nowhere/web.cfg"));
    }

    [Theory]
    [InlineData("info zonepath", "zonepath: /zones/web\n")]
    [InlineData("info net physical=br1", "net:\n\taddress not specified\n\tphysical: br1\n\tdefrouter not specified\n")]
    [InlineData("info net physical=br7", "No such net resource.\n")]
    [InlineData("info net address= physical=br1", "net:\n\taddress not specified\n\tphysical: br1\n\tdefrouter not specified\n")]
    [InlineData("select net physical=br1; set address=198.51.100.7/24; info", "net:\n\taddress: 198.51.100.7/24\n\tphysical: br1\n\tdefrouter not specified\n", 1)]
    [InlineData("select rootimage; set size=1g; set fstype=xfs; end; info rootimage", "rootimage:\n\tstorage: nfs://joost@nas/export/zones\n\tsize: 1g\n\tfstype: xfs\n\tmax-iops not specified\n\tmax-bandwidth not specified\n")]
    [InlineData("select rootimage; set size=16777217; end; info rootimage", "rootimage:\n\tstorage: nfs://joost@nas/export/zones\n\tsize: 16388k\n\tfstype: ext4\n\tmax-iops not specified\n\tmax-bandwidth not specified\n")]
    [InlineData("select rootimage; set fstype=btrfs; clear fstype; end; info rootimage", "rootimage:\n\tstorage: nfs://joost@nas/export/zones\n\tsize: 300m\n\tfstype: ext4\n\tmax-iops not specified\n\tmax-bandwidth not specified\n")]
    [InlineData("select net physical=br0; clear defrouter; set address=; end; info net physical=br0", "net:\n\taddress not specified\n\tphysical: br0\n\tdefrouter not specified\n")]
    [InlineData("remove net address=192.0.2.7/24; info net", "net:\n\taddress not specified\n\tphysical: br1\n\tdefrouter not specified\n")]
    [InlineData("remove -F net; info net", "No such net resource.\n")]
    [InlineData("remove rootimage; info rootimage", "No such rootimage resource.\n")]
    [InlineData("add net physical=br9; cancel; info net physical=br9", "No such net resource.\n")]
    [InlineData("add net physical=br9 address=2001:db8::9/64; end; info net physical=br9", "net:\n\taddress: 2001:db8::9/64\n\tphysical: br9\n\tdefrouter not specified\n")]
    [InlineData("clear autoboot; info autoboot", "autoboot: false\n")]
    [InlineData("set autoboot=false; revert -F; info autoboot", "autoboot: true\n")]
    [InlineData("create -F; set zonepath=/z; info net", "No such net resource.\n")]
    [InlineData("set zonename=web; info zonename", "zonename: web\n")]
    public async Task Commands_do_what_they_say(string commands, string output, int exitCode = 0)
    {
        await FileAsync(0, Web);
        string screen = await ArgumentAsync(exitCode, commands);
        Assert.StartsWith(output, screen, StringComparison.Ordinal);
        if (exitCode == 0)
            Assert.Equal(output, screen);
    }

    [Fact]
    public async Task A_template_gives_a_new_zone_the_configuration_of_another()
    {
        await FileAsync(0, Web);
        Assert.Equal("", await ArgumentAsync(0, "create -t web; set zonepath=/zones/db", "db"));
        (ZoneConfig web, ZoneConfig db) = (_store.Zones["web"], _store.Zones["db"]);
        Assert.Equal(ZoneConfigJson.Digest(web with { Name = "db", Uuid = db.Uuid, ZonePath = "/zones/db" }), ZoneConfigJson.Digest(db));
        Assert.NotEqual(web.Uuid, db.Uuid);
    }

    [Fact]
    public async Task A_zone_gets_its_uuid_once()
    {
        await FileAsync(0, Web);
        Guid uuid = _store.Zones["web"].Uuid;
        Assert.NotEqual(Guid.Empty, uuid);
        await ArgumentAsync(0, "create -F; set zonepath=/z");
        Assert.Equal(uuid, _store.Zones["web"].Uuid);
        await ArgumentAsync(0, "delete -F; create; set zonepath=/z");
        Assert.NotEqual(uuid, _store.Zones["web"].Uuid);
    }

    [Fact]
    public async Task Delete_with_force_deletes()
    {
        await FileAsync(0, Web);
        Assert.Equal("", await ArgumentAsync(0, "delete -F"));
        Assert.Empty(_store.Zones);
    }

    [Fact]
    public async Task A_commands_list_that_ends_with_exit_leaves_the_rest_unread()
    {
        Assert.Equal("", await ArgumentAsync(0, "create; set zonepath=/z; exit; nonsense"));
        Assert.Single(_store.Zones);
    }

    [Fact]
    public async Task An_error_in_a_file_names_the_line_and_nothing_is_saved()
    {
        Assert.Equal("On line 3 of web.cfg:\nweb: autoboot: 'yes' is not true or false\n", await FileAsync(1, "create\nset zonepath=/z\nset autoboot=yes\nexit\n"));
        Assert.Equal("On line 1:\nweb: foo: no such command\n'help' lists the commands\n", await FileAsync(2, "foo\n", "-"));
        Assert.Equal("On line 2 of web.cfg:\nweb: net: Resource incomplete.\nend it with 'end' or 'cancel'; nothing was saved\n", await FileAsync(1, "create; set zonepath=/z\nadd net"));
        Assert.Empty(_store.Zones);
    }

    [Fact]
    public async Task Standard_input_that_is_no_terminal_shows_no_prompts_and_stops_at_the_first_error()
    {
        FakeTerminal pipe = new(false, "create", "set zonepath=/z", "set foo=bar", "exit");
        Assert.Equal(1, await new ZonecfgSession(_store, "web", pipe).RunInteractiveAsync(TestContext.Current.CancellationToken));
        Assert.Equal("On line 3:\nweb: foo: no such property\n'help properties' lists the properties\n", pipe.Screen);
        Assert.Empty(_store.Zones);
    }

    [Theory]
    [InlineData("set zonepath=/zones/other", "zonepath")]
    [InlineData("select rootimage; set storage=dir:/other; end", "rootimage: storage")]
    [InlineData("select rootimage; set fstype=xfs; end", "rootimage: fstype")]
    [InlineData("select rootimage; set size=1g; end", "rootimage: size")]
    [InlineData("remove rootimage", "rootimage")]
    [InlineData("create -F", "zonepath")]
    public async Task What_says_where_the_root_is_stays_while_a_zone_is_installed(string commands, string property)
    {
        await FileAsync(0, Web);
        _store.Installed = true;
        Assert.StartsWith($"web: {property}: cannot be changed while the zone is installed\n", await ArgumentAsync(1, commands), StringComparison.Ordinal);
        Assert.Equal(1, _store.Commits);
    }

    [Fact]
    public async Task The_rest_of_an_installed_zone_may_be_changed_but_it_is_not_deleted()
    {
        await FileAsync(0, Web);
        _store.Installed = true;
        Assert.Equal("", await ArgumentAsync(0, "set autoboot=false; remove -F net; add attr; set name=x; set type=int; set value=-1; end"));
        Assert.Equal("web: delete: the zone is installed\nrun 'zoneadm -z web uninstall' first\n", await ArgumentAsync(1, "delete -F"));
        Assert.Single(_store.Zones);
    }
}
