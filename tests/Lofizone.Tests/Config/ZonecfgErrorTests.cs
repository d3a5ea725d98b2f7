using System.Reflection;
using CsCheck;
using Lofizone.Config;
using Lofizone.Config.Zonecfg;

namespace Lofizone.Tests.Config;

/// <summary>Each error once. The test also shows that there is no other error.</summary>
public sealed class ZonecfgErrorTests
{
    private const string Scope = "The end command only makes sense in the resource scope.";

    private readonly MemoryStore _store = new()
    {
        Zones =
        {
            ["zone1"] = new ZoneConfig
            {
                Name = "zone1",
                ZonePath = "/z",
                Net = [new NetResource("a", "192.0.2.7/24"), new NetResource("a", "192.0.2.8/24")],
                RootImage = new RootImage("dir:/s", 1 << 30),
            },
        },
    };

    private async Task<(int ExitCode, string Screen)> RunAsync(string zone, string commands)
    {
        FakeTerminal pipe = new(false);
        int exitCode = await new ZonecfgSession(_store, zone, pipe).RunArgumentAsync(commands, TestContext.Current.CancellationToken);
        return (exitCode, pipe.Screen);
    }

    [Theory]
    [InlineData("foo", "foo: no such command", "'help' lists the commands")]
    [InlineData("=", "syntax error: a command starts with its name, not with '='", "'help' lists the commands")]
    [InlineData("set zonepath=\"/z", "syntax error: a quote is not closed", "end the value with '\"'; inside quotes write \\\" for a quote")]
    [InlineData("set zonepath=(a", "syntax error: a list is not closed with ')'", "a plain value that starts with '(' stands in double quotes")]
    [InlineData("set zonepath=[a,b]", "set: zonepath takes one value, not a list (a value that starts with '[' stands in double quotes)", "usage: set <property>=<value>")]
    [InlineData("set", "set: PROPERTY=VALUE is missing", "usage: set <property>=<value>")]
    [InlineData("set zonepath", "set: 'zonepath' is too much", "usage: set <property>=<value>")]
    [InlineData("set a=b c=d", "set: 'c=' is too much", "usage: set <property>=<value>")]
    [InlineData("set a=b c", "set: 'c' is out of place", "usage: set <property>=<value>")]
    [InlineData("add", "add: an argument is missing", "usage: add <resource> [<property>=<value> ...] | add <property> <value>")]
    [InlineData("create -x", "create: '-x' is none of its flags", "usage: create [-F] [-a <location> | -b | -t <zone>]")]
    [InlineData("export -f", "export: -f needs an argument", "usage: export [-f <file>]")]
    [InlineData("create -F -b -t zone1", "create: -a, -b and -t exclude each other", "usage: create [-F] [-a <location> | -b | -t <zone>]")]
    [InlineData("create", "create: the zone is configured already", "'create -F' begins anew and overwrites it")]
    [InlineData("create -F -t db", "create: db: No such zone configured", "'zoneadm list -c' lists the zones")]
    [InlineData("select rootimage; set storage=nfs://nas/z/other/root.img", "nfs://nas/z/other/root.img: taken for the image of zone other, and not of zone1", "name the share: nfs://nas/z")]
    [InlineData("set foo=bar", "foo: no such property", "'help properties' lists the properties")]
    [InlineData("set physical=br0", "physical: a property of the resource net, not of the zone", "begin with 'add net' or 'select net'")]
    [InlineData("set zonepath=", "zonepath: a required property needs a value", null)]
    [InlineData("set zonepath=z", "zonepath: 'z' is not an absolute path", null)]
    [InlineData("set zonepath=/", "zonepath: '/' is the root of the global zone", null)]
    [InlineData("set brand=lx", "brand: 'lx' is no known brand, this system has native", null)]
    [InlineData("set autoboot=1", "autoboot: '1' is not true or false", null)]
    [InlineData("set zonename=a/b", "a/b: not a zone name: '/' is not allowed in it", "a zone name starts with a letter or digit, goes on with letters, digits, '_', '-' and '.', and has at most 63 characters")]
    [InlineData("set zonename=x", "zonename: can't be changed here", "zoneadm -z zone1 rename x")]
    [InlineData("add fsx", "fsx: no such resource type", "'help properties' lists the resource types")]
    [InlineData("add fs", "add: fs: can't be added: a zone has its root image alone, and further file systems can't be mounted into it yet", "'help properties' lists what a zone can have")]
    [InlineData("set limitpriv=all", "limitpriv: 'all' is not possible: every zone has the same privileges (docs/security.md), and they can't be changed yet", null)]
    [InlineData("set fs-allowed=ufs", "fs-allowed: can't be set: a zone mounts what its user namespace allows, and no filter of file systems exists yet", null)]
    [InlineData("set boot-priority=1", "boot-priority: '1' is none of high, default, low", null)]
    [InlineData("set boot-dependency=db,../x", "boot-dependency: '../x' is no zone's name: it does not start with a letter or digit", null)]
    [InlineData("set autoshutdown=suspend", "autoshutdown: 'suspend' is none of shutdown, halt", null)]
    [InlineData("set shutdown-timeout=0", "shutdown-timeout: 0 is not from 1 to 480", null)]
    [InlineData("set locked=yes", "locked: 'yes' is not true or false", null)]
    [InlineData("set cpu-shares=-1", "cpu-shares: '-1' is no whole number", null)]
    [InlineData("set max-lwps=1", "max-lwps: 1 is not from 32 to 4194304", null)]
    [InlineData("set max-processes=9999999999999999999999", "max-processes: '9999999999999999999999' is no whole number", null)]
    [InlineData("set ip-type=shared", "ip-type: 'shared' is not possible: every zone has a network of its own, which Solaris calls exclusive", null)]
    [InlineData("set scheduling-class=RT", "scheduling-class: 'RT' is not possible: Linux schedules zones by their cpu-shares, which Solaris calls FSS", null)]
    [InlineData("add rctl; set name=zone.max-sem-ids; set value=5; end", "rctl: value: '5' is no limit: write (priv=privileged,limit=<number>,action=deny)", null)]
    [InlineData("add rctl; set name=process.max-fds", "rctl: name: 'process.max-fds' is none of zone.cpu-shares, zone.max-lwps, zone.max-processes, zone.max-msg-ids, zone.max-sem-ids, zone.max-shm-ids, zone.max-shm-memory, zone.max-physical-memory, zone.max-swap, zone.max-locked-memory, zone.cpu-cap", null)]
    [InlineData("add rctl; set name=zone.max-lwps; add value (priv=privileged,limit=1,action=deny); end", "rctl: zone.max-lwps: max-lwps: 1 is not from 32 to 4194304", null)]
    [InlineData("add rctl; set name=zone.max-lwps; add value (priv=privileged,limit=100,action=none); end", "rctl: zone.max-lwps: its action is deny: Linux has no other", "set value=(priv=privileged,limit=...,action=deny)")]
    [InlineData("add net; add physical br0", "add: physical: takes one value", "'set physical=...' sets it, 'clear physical' takes it back")]
    [InlineData("add dedicated-cpu; set importance=1", "dedicated-cpu: importance: can't be set: zones do not take CPUs from each other while they run", null)]
    [InlineData("add dedicated-cpu; set ncpus=1; set cpus=1; end", "dedicated-cpu: ncpus and cpus exclude each other", "'set' changes the resource, 'cancel' drops it")]
    [InlineData("add capped-memory; end", "capped-memory: it needs one of physical, swap, locked", "'set' changes the resource, 'cancel' drops it")]
    [InlineData("add capped-memory; set swap=1g; end", "capped-memory: swap: it needs physical, because the kernel counts memory and swap together", "'set' changes the resource, 'cancel' drops it")]
    [InlineData("add capped-memory; set physical=1k", "capped-memory: physical: 1k is not from 16m to 1p", null)]
    [InlineData("add capped-cpu; set ncpus=1.234", "capped-cpu: ncpus: '1.234' is no number of CPUs: write 0.01 to 4096, with at most two digits behind the point", null)]
    [InlineData("add rootimage", "add: the zone has a rootimage resource already, and takes one only", "'select rootimage' changes it, 'remove rootimage' removes it")]
    [InlineData("add net; set foo=1", "net: no such property: foo", "the properties of net are address, physical, defrouter")]
    [InlineData("add net; set physical=", "net: physical: a required property needs a value", null)]
    [InlineData("add net; end", "net: required property missing: physical", "'set physical=...' sets it, 'cancel' drops the resource")]
    [InlineData("add net; set physical=b; set address=192.0.2.7/24; end", "net physical=b: address: 192.0.2.7 belongs to another net resource of this zone already", "'set' changes the resource, 'cancel' drops it")]
    [InlineData("add attr; set name=a; set type=int; set value=x; end", "attr name=a: value: 'x' is no integer", "'set' changes the resource, 'cancel' drops it")]
    [InlineData("select rootimage; set size=1q", "rootimage: size: '1q' is no size: write " + ByteSize.Forms, null)]
    [InlineData("select rootimage; set size=1m", "rootimage: size: 1m is too small, an image has at least 16m", null)]
    [InlineData("select rootimage; set size=7000p", "rootimage: size: 7000p is too large, an image has at most 1p", null)]
    [InlineData("select rootimage; set max-iops=1", "rootimage: max-iops: 1 is not from 10 to 10000000", null)]
    [InlineData("select rootimage; set max-bandwidth=1k", "rootimage: max-bandwidth: 1k is not from 1m to 1t", null)]
    [InlineData("select net physical=c", "select: no such net resource", "'info net' shows those there are")]
    [InlineData("select net physical=a", "select: 2 net resources match", "name more of the one's properties; 'info net' shows them")]
    [InlineData("remove attr", "remove: no such attr resource", "'info attr' shows those there are")]
    [InlineData("remove net", "remove: input is not from a terminal and -F is not specified", "'remove -F' goes on without asking")]
    [InlineData("delete", "delete: input is not from a terminal and -F is not specified", "'delete -F' goes on without asking")]
    [InlineData("set autoboot=true; revert", "revert: input is not from a terminal and -F is not specified", "'revert -F' goes on without asking")]
    [InlineData("end", Scope, "begin a resource with 'add' or 'select'")]
    [InlineData("add net; commit", "The commit command only makes sense in the global scope.", "finish net with 'end' or 'cancel' first")]
    [InlineData("info foo", "foo: no such property", "'help properties' lists the properties")]
    [InlineData("info foo a=b", "info: 'foo' is no resource", "usage: info [<resource> [<property>=<value> ...] | <property>]")]
    [InlineData("info a=b", "info: the resource is missing", "usage: info [<resource> [<property>=<value> ...] | <property>]")]
    [InlineData("help foo", "help: nothing is known about 'foo'", "'help' lists the topics")]
    [InlineData("create -F; verify", "zonepath: required property missing", null)]
    public async Task An_error_says_what_is_wrong_and_what_to_do(string commands, string message, string? advice)
    {
        string before = ZoneConfigJson.Digest(_store.Zones["zone1"]);
        // Wrong syntax is wrong usage. A configuration that does not fit the zone is a failure.
        bool usage = advice?.StartsWith("usage:", StringComparison.Ordinal) == true || message.StartsWith("syntax error", StringComparison.Ordinal)
            || advice is "'help' lists the commands" or "'help' lists the topics";
        Assert.Equal((usage ? 2 : 1, $"zone1: {message}\n" + (advice is null ? "" : advice + "\n")), await RunAsync("zone1", commands));
        Assert.Equal(before, ZoneConfigJson.Digest(_store.Zones["zone1"]));
    }

    /// <summary>A text that is a value of no kind but plain text.</summary>
    private const string NoValue = "~ no value ~";

    public static TheoryData<string> RegistryProperties =>
    [
        .. GlobalProperties.All.Where(p => p.IsInValues && p.Kind.Check(NoValue) is not null).Select(p => p.Name),
        .. ResourceTypes.All.Where(t => t.IsInResources).SelectMany(t => t.Properties.Select(p => $"{t.Name}: {p.Name}")),
    ];

    [Theory]
    [MemberData(nameof(RegistryProperties))]
    public async Task A_value_that_is_none_is_refused_and_changes_nothing(string property)
    {
        string before = ZoneConfigJson.Digest(_store.Zones["zone1"]);
        string command = property.Split(": ") is [var type, var name] ? $"add {type}; set {name}=\"{NoValue}\"; end" : $"set {property}=\"{NoValue}\"";
        (int exitCode, string screen) = await RunAsync("zone1", command);
        Assert.Equal(1, exitCode);
        Assert.StartsWith($"zone1: {property}: ", screen, StringComparison.Ordinal);
        Assert.Equal(before, ZoneConfigJson.Digest(_store.Zones["zone1"]));
    }

    [Fact]
    public void Every_property_of_the_zone_has_a_value_among_the_errors()
    {
        string[] commands =
        [
            .. GetType().GetMethod(nameof(An_error_says_what_is_wrong_and_what_to_do))!.GetCustomAttributes<InlineDataAttribute>().Select(row => (string)row.Data[0]!),
        ];
        Assert.All(GlobalProperties.All.Where(p => !p.IsInValues || p.Kind.Check(NoValue) is null), property => Assert.Contains(commands, command => command.StartsWith($"set {property.Name}=", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_zone_that_is_not_configured_has_nothing_to_show() =>
        Assert.Equal((1, "db: No such zone configured\nUse 'create' to begin configuring a new zone.\n"), await RunAsync("db", "info"));

    [Fact]
    public async Task A_name_that_is_no_zone_name_is_refused() =>
        Assert.StartsWith("../x: not a zone name: it does not start with a letter or digit\n", (await RunAsync("../x", "create")).Screen, StringComparison.Ordinal);

    [Fact]
    public async Task A_line_without_end_is_refused() =>
        Assert.Equal((2, "zone1: a line of 65537 characters, at most 65536 are allowed\n"), await RunAsync("zone1", new string('x', 65_537)));

    [Fact]
    public Task Whatever_a_file_holds_the_run_ends_with_success_or_one_clear_error() =>
        Gen.OneOf(Words.Array[0, 12].Select(w => string.Join(' ', w)), Words.Array[0, 12].Select(w => string.Concat(w)), Gen.String).SampleAsync(async commands =>
        {
            MemoryStore store = new();
            FakeTerminal pipe = new(false);
            int exitCode = await new ZonecfgSession(store, "zone1", pipe).RunFileAsync(new StringReader("create\nset zonepath=/z\n" + commands), "f");
            if (exitCode == 0)
                Assert.DoesNotContain("zone1: ", pipe.Screen.Replace("zonename: zone1", "", StringComparison.Ordinal), StringComparison.Ordinal);
            else
                Assert.Matches("(?s)On line [0-9]+ of f:\nzone1: .", pipe.Screen);
            return pipe.Screen.Split("On line ").Length <= 2;
        });

    private static Gen<string> Words
    {
        get
        {
            string[] words =
            [
                "set", "add", "end", "net", "attr", "rootimage", "select", "remove", "clear", "info", "export", "verify", "commit", "revert", "cancel", "help", "create",
                "physical", "address", "zonepath", "size", "=", "=", ";", ";", "\n", "\"", "\\", "#", "(", ")", "[", "]", ",", "-F", "-", "-f", "br0", "192.0.2.7/24", "1g", "\u001b[2J", "\ud800", "é",
            ];
            return Gen.Int[0, words.Length - 1].Select(i => words[i]);
        }
    }
}
