using System.Xml.Linq;
using Lofizone.Integration.Tests.Zones;
using Lofizone.Programs;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Packaging;

/// <summary>
/// The resource agent as a cluster's nodes call it, with actions, parameters in the environment, and exit codes (OCF 1.1).
/// </summary>
[Collection(SilentZones.Name)]
public sealed class OcfAgentTests(NasHost nas) : IClassFixture<NasHost>
{
    private const int Success = 0;
    private const int Generic = 1;
    private const int Unimplemented = 3;
    private const int NotInstalled = 5;
    private const int NotConfigured = 6;
    private const int NotRunning = 7;

    private static readonly string _agent = Path.Combine(HostCleanup.RepositoryRoot(), "packaging", "ocf", "zone");

    private TestHost A => nas.Host;

    [Fact]
    public async Task It_describes_itself()
    {
        ProgramResult told = await RunAsync(A, "meta-data");
        Assert.Equal(Success, told.ExitCode);
        XElement agent = XDocument.Parse(told.Output).Root!;
        Assert.Equal("1.1", agent.Element("version")!.Value);
        Assert.Equal(["zone", "share"], agent.Descendants("parameter").Where(p => p.Attribute("required")!.Value == "1").Select(p => p.Attribute("name")!.Value));
        Assert.Equal(["start", "stop", "monitor", "monitor", "validate-all", "meta-data"], agent.Descendants("action").Select(a => a.Attribute("name")!.Value));
        Assert.All(agent.Descendants("action"), a => Assert.Matches("^[0-9]+s$", a.Attribute("timeout")!.Value));
    }

    [Theory]
    [InlineData("OCF_RESKEY_zone", "", NotConfigured)]
    [InlineData("OCF_RESKEY_zone", "-rf", NotConfigured)]
    [InlineData("OCF_RESKEY_share", "", NotConfigured)]
    [InlineData("OCF_RESKEY_share", "nas:/export", NotConfigured)]
    [InlineData("OCF_RESKEY_takeover", "perhaps", NotConfigured)]
    [InlineData("OCF_RESKEY_packages", "all", NotConfigured)]
    [InlineData("OCF_RESKEY_program", "/nowhere/zone", NotInstalled)]
    public async Task A_wrong_parameter_is_told_and_nothing_is_done(string parameter, string value, int code)
    {
        foreach (string action in new[] { "validate-all", "start" })
        {
            ProgramResult wrong = await RunAsync(A, action, (parameter, value));
            Assert.Equal(code, wrong.ExitCode);
            Assert.NotEmpty(wrong.Error);
        }

        Assert.Null(await A.StateAsync("web"));
        Assert.Equal(Unimplemented, (await RunAsync(A, "migrate_to")).ExitCode);
    }

    [Fact]
    public async Task A_zone_starts_stops_and_goes_to_a_node_that_has_never_seen_it_and_runs_once()
    {
        await using TestHost b = await TestHost.SecondAsync();
        await A.RunCheckedAsync("create", "web", nas.Share, "--size", "400m");
        try
        {
            await ExpectAsync(A, "monitor", NotRunning);
            await ExpectAsync(b, "monitor", NotRunning);
            await ExpectAsync(b, "stop", Success);
            await ExpectAsync(A, "validate-all", Success);
            await ExpectAsync(A, "start", Success);
            await ExpectAsync(A, "start", Success);
            await ExpectAsync(A, "monitor", Success);
            await A.RunCheckedAsync("login", "web", "--", "/bin/sh", "-c", "echo kept > /root/kept; sync /root/kept");
            Assert.Equal(Success, (await RunAsync(A, "monitor", ("OCF_CHECK_LEVEL", "10"))).ExitCode);

            // The cluster wrongly believes that A is dead. The zone runs only on B afterwards.
            await ExpectAsync(b, "start", Success);
            await ExpectAsync(b, "monitor", Success);
            Assert.Equal("kept\n", await b.RunCheckedAsync("login", "web", "--", "/bin/cat", "/root/kept"));
            await A.WaitAsync(async () => (await RunAsync(A, "monitor")).ExitCode is Generic or NotRunning, "the old node does not notice");
            await ExpectAsync(A, "stop", Success);
            await A.WaitUntilSettledAsync("web");
            await ExpectAsync(A, "monitor", NotRunning);

            await ExpectAsync(b, "stop", Success);
            await ExpectAsync(b, "stop", Success);
            await ExpectAsync(b, "monitor", NotRunning);
            Assert.Equal(Success, (await RunAsync(A, "start", ("OCF_RESKEY_takeover", "wait"))).ExitCode);
            await ExpectAsync(A, "monitor", Success);
            await ExpectAsync(A, "stop", Success);
        }
        finally
        {
            foreach (TestHost host in new[] { b, A })
            {
                await host.RunAsync("halt", "--force", "web");
                await host.RunAsync("delete", "-F", "web");
            }
        }
    }

    private async Task ExpectAsync(TestHost node, string action, int code)
    {
        ProgramResult result = await RunAsync(node, action);
        Assert.True(result.ExitCode == code, $"{action}: exit code {result.ExitCode} instead of {code}\n{result.Output}{result.Error}");
    }

    private async Task<ProgramResult> RunAsync(TestHost node, string action, params (string Name, string Value)[] changes)
    {
        Dictionary<string, string?> environment = new()
        {
            ["OCF_ROOT"] = "/usr/lib/ocf",
            ["OCF_RESOURCE_INSTANCE"] = "web",
            ["OCF_RESKEY_zone"] = "web",
            ["OCF_RESKEY_share"] = nas.Share,
            ["OCF_RESKEY_program"] = node.IsMachine ? await node.MakeProgramAsync(node.Root) : TestHost.ZoneBinary,
            ["OCF_RESKEY_root"] = node.IsMachine ? "" : node.Root,
            // Messages go to the standard error instead of the system's log.
            ["HA_LOGFACILITY"] = "none",
        };
        foreach ((string name, string value) in changes)
            environment[name] = value;
        return await new ProgramRunner().RunAsync(new ProgramCall(_agent, action) { Environment = environment, TimeLimit = TestHost.CommandLimit }, CancellationToken.None);
    }
}
