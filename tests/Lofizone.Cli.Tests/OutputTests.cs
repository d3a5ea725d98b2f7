using Lofizone.Cli.CommandLines;
using Lofizone.Cli.Output;
using Lofizone.Cli.Solaris;
using Lofizone.Cli.Usage;
using Lofizone.Cli.Verbs;
using Lofizone.Doctor;
using Lofizone.Explain;
using Lofizone.Zones;

namespace Lofizone.Cli.Tests;

public sealed class OutputTests : IDisposable
{
    private readonly StringWriter _output = new() { NewLine = "\n" };

    public void Dispose() => _output.Dispose();

    [Fact]
    public void Zoneadm_list_verbose_has_the_columns_of_zoneadm_8()
    {
        ZoneadmList.Write(Rows(), verbose: true, parsable: false, _output);
        Assert.Equal(
            """
              ID NAME             STATUS     PATH                           BRAND    IP
               0 global           running    /                              native   shared
               1 zone1            running    /zones/zone1                   native   excl
               - zone2            installed  /zones/zone2                   native   excl

            """,
            _output.ToString());
    }

    [Fact]
    public void Zoneadm_list_parsable_has_seven_fields_and_escapes_colons()
    {
        ZoneadmList.Write(Rows(), verbose: false, parsable: true, _output);
        Assert.Equal(
            """
            0:global:running:/::native:shared
            1:zone1:running:/zones/zone1:6ba7b810-9dad-11d1-80b4-00c04fd430c8:native:excl
            -:zone2:installed:/zones/zone2:6ba7b811-9dad-11d1-80b4-00c04fd430c8:native:excl

            """,
            _output.ToString());
        Assert.Equal(@"a\:b:c\\d:", Parsable.Line("a:b", @"c\d", ""));
    }

    [Fact]
    public void Zoneadm_list_plain_has_names_only()
    {
        ZoneadmList.Write(Rows(), verbose: false, parsable: false, _output);
        Assert.Equal("global\nzone1\nzone2\n", _output.ToString());
    }

    [Fact]
    public void Df_has_the_columns_of_df_k()
    {
        DfCommand.Write(
            [new SpaceRow("nfs://nfsserv/export/zones", 17088954L << 10, 3549875L << 10, 13368190L << 10, null), new SpaceRow("/dev/lofi/1", 288239 << 10, 64799 << 10, 194617 << 10, "/zones/zone1")],
            parsable: false,
            _output);
        Assert.Equal(
            """
            Filesystem                   kbytes    used    avail capacity Mounted on
            nfs://nfsserv/export/zones 17088954 3549875 13368190      21% -
            /dev/lofi/1                  288239   64799   194617      25% /zones/zone1

            """,
            _output.ToString());
    }

    [Fact]
    public void A_share_that_does_not_answer_has_a_line_without_figures()
    {
        DfCommand.Write([new SpaceRow("nfs://nas/z", 0, 0, 0, null, "no answer")], parsable: true, _output);
        Assert.Equal("nfs\\://nas/z:-:-:-:-:-\n", _output.ToString());
    }

    [Fact]
    public void Explain_draws_each_layer_below_the_one_it_carries()
    {
        ExplainCommand.Write(
            new Explanation("web", "running", [new Layer("zone", "web", [new Fact("state", "running")]), new Layer("lofi device", "/dev/lofi/1", [new Fact("size", "1g")], "broken"), new Layer("server", "nas", [])]),
            _output);
        Assert.Equal(
            """
            zone web
              state running
            └─ lofi device /dev/lofi/1
                 size 1g
                 ! broken
               └─ server nas

            """,
            _output.ToString());
    }

    [Fact]
    public void Text_of_others_breaks_no_line_and_commands_no_terminal()
    {
        const string forged = "b\u001b[2J\nzone: run this\u202e";
        Table table = new("HOST");
        table.Add(forged);
        table.Write(_output);
        _output.WriteLine(Parsable.Line("web", forged));
        ExplainCommand.Write(new Explanation("web", "running", [new Layer("zone", forged, [new Fact("state", forged)], forged)]), _output);
        DoctorCommand.Write(new Diagnosis("web", null, [new Finding(Severity.Fault, forged, forged)]), _output);
        string[] lines = _output.ToString().Split('\n');
        Assert.DoesNotContain(lines, l => l.StartsWith("zone: run", StringComparison.Ordinal));
        Assert.All(_output.ToString(), c => Assert.True(c == '\n' || SafeText.IsSafe(c)));
    }

    [Theory]
    [InlineData("/usr/local/bin/zoneadm", "list -c", "zoneadm", "list -c")]
    [InlineData("zone", "zoneadm list", "zoneadm", "list")]
    [InlineData("zone", "list", "zone", "list")]
    [InlineData("/opt/renamed", "list", "zone", "list")]
    public void The_name_a_program_is_called_by_chooses_its_command_line(string calledAs, string arguments, string program, string rest)
    {
        (string actual, string[] left) = Personality.Of(calledAs, arguments.Split(' '));
        Assert.Equal((program, rest), (actual, string.Join(' ', left)));
    }

    [Theory]
    [InlineData("web ls -l /", "web -- ls -l /")]
    [InlineData("-C web", "-C web")]
    [InlineData("web -- ls", "web -- ls")]
    public void Zlogin_leaves_the_commands_options_to_the_command(string arguments, string separated) =>
        Assert.Equal(separated, string.Join(' ', PassedOn.Separate(ZloginCommand.Create(), arguments.Split(' '), operands: 1)));

    [Theory]
    [InlineData("-z web create -t other", "-z web -- create -t other")]
    [InlineData("-z web export -f file", "-z web -- export -f file")]
    [InlineData("-z web -f file", "-z web -f file")]
    [InlineData("--zone web -f", "--zone web -f")]
    [InlineData("help", "-- help")]
    public void Zonecfg_leaves_the_options_of_its_commands_to_them(string arguments, string separated) =>
        Assert.Equal(separated, string.Join(' ', PassedOn.Separate(ZonecfgCommandLine.Create(), arguments.Split(' '), operands: 0)));

    private static IEnumerable<ZoneadmList.Row> Rows() =>
    [
        ZoneadmList.Row.Global,
        new(1, "zone1", ZoneState.Running, "/zones/zone1", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "native", "excl"),
        new(null, "zone2", ZoneState.Installed, "/zones/zone2", "6ba7b811-9dad-11d1-80b4-00c04fd430c8", "native", "excl"),
    ];
}
