using System.Globalization;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Runtime;
using Lofizone.Runtime.Oci;
using Lofizone.Testing;

namespace Lofizone.Integration.Tests.Runtime;

/// <summary>A zone may make any cgroups below its own. None of them keeps the zone from being taken down.</summary>
public sealed class ZoneCgroupTests
{
    /// <summary>
    /// Depth beyond every limit that a walk could have. The kernel walks up to the top for each new cgroup, so making them takes long.
    /// </summary>
    private const int Deep = 500, Wide = 1000;

    /// <summary>A name beyond every limit of names and paths, with bytes that are not text.</summary>
    private const string StrangeNames =
        "cd \"$0\" && for n in ' ' '-rf' '*' '..a' '$(halt)' \"$(printf 'a\\377\\376b')\" \"$(printf 'tab\\there')\" \"$(printf '%0254d' 1)\"; do mkdir -p -- \"$n/$n/$n\"; done; mkdir \"$(printf 'a\\nb')\" 2>/dev/null; true";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task However_deep_many_and_strange_the_cgroups_of_a_zone_are_they_go_with_it()
    {
        await using RuntimeHost host = new();
        ZoneLaunch zone = await host.BootZoneAsync("deep");
        CgroupLayout layout = CgroupLayout.OfHost();
        foreach (string top in Tops(host, "deep").Where(t => (layout.SystemdHierarchy ?? layout.Version2) is { } given && t.StartsWith(given + "/", StringComparison.Ordinal)))
        {
            Nest(top, Deep);
            for (int i = 0; i < Wide; i++)
                Directory.CreateDirectory(Path.Combine(top, $"w{i}/below"));
            await host.RunAsync("sh", "-c", StrangeNames, top);
        }

        Assert.Equal(ShutdownOutcome.Clean, await host.Runtime.ShutdownAsync("deep", _patience));
        await host.Runtime.DeleteAsync("deep");

        Assert.Empty(Tops(host, "deep"));
        await host.BootAsync(zone);
        Assert.Equal(RuntimePhase.Running, host.Runtime.State("deep").Phase);
    }

    [Fact]
    public async Task An_init_that_goes_into_a_cgroup_whose_path_is_longer_than_any_is_seen_and_ended()
    {
        await using RuntimeHost host = new();
        await host.BootZoneAsync("hidden");
        int init = host.Runtime.State("hidden").InitPid;
        string top = CgroupLayout.OfHost() is { SystemdHierarchy: { } systemd } ? systemd : CgroupLayout.OfHost().Version2!;
        using (DirectoryHandle bottom = Nest($"{top}/lofizone-{host.Paths.Tag}/hidden", 100, new string('x', 200)))
            await File.WriteAllTextAsync(bottom.ProcPath + "/cgroup.procs", init.ToString(CultureInfo.InvariantCulture));

        Assert.Equal((RuntimePhase.Running, init), (host.Runtime.State("hidden").Phase, host.Runtime.State("hidden").InitPid));
        await host.Runtime.KillAsync("hidden");
        await host.Runtime.DeleteAsync("hidden");

        Assert.Null(ProcessIdentity.Of(init));
        Assert.Empty(Tops(host, "hidden"));
    }

    [Fact]
    public async Task Processes_that_start_others_faster_than_they_can_be_killed_one_by_one_are_ended()
    {
        CgroupLayout layout = CgroupLayout.OfHost();
        string path = $"/lofizone-test-runner-{Environment.ProcessId}";
        string[] tops = [.. layout.All.Where(h => !File.Exists(h + "/cpuset.cpus")).Select(h => h + path)];
        foreach (string top in tops)
            Directory.CreateDirectory(top);
        try
        {
            // Each generation ends as soon as the next one lives. The last one ends by itself if the removal fails.
            string join = string.Join(' ', tops.Select(t => $"echo $$ >{t}/cgroup.procs;"));
            await new ProgramRunner().RunCheckedAsync(
                new ProgramCall("setsid", "--fork", "sh", "-c", join + " exec >/dev/null 2>&1 </dev/null; exec sh -c \"$0\" \"$0\" 50000", "[ $1 -gt 0 ] && sh -c \"$0\" \"$0\" $(($1 - 1)) & exit"),
                CancellationToken.None);
            await new ZoneCgroups(layout, path, TimeProvider.System).RemoveAsync("runner", CancellationToken.None);
            Assert.DoesNotContain(tops, Directory.Exists);
        }
        finally
        {
            foreach (string top in tops.Where(Directory.Exists))
                Directory.Delete(top);
        }
    }

    [Fact]
    public async Task A_login_that_is_stopped_does_not_keep_its_zone_from_ending()
    {
        await using RuntimeHost host = new();
        await host.BootZoneAsync("stopped");
        Task<(int Code, string Output)> login = host.InZoneAsync("stopped", "sleep", "1000");
        int process = 0;
        await Wait.UntilAsync(
            () => (process = RuntimeProcesses.Logins(new RuntimePaths(host.Paths, "stopped"))
                .FirstOrDefault(p => File.ReadAllText($"/proc/{p}/task/{p}/children").Trim().Length > 0)) != 0,
            "nobody logs in", TestContext.Current.CancellationToken);

        using (ProcessHandle crun = ProcessHandle.Open(process)!)
            crun.Signal(19);
        await host.Runtime.KillAsync("stopped");
        await host.Runtime.DeleteAsync("stopped");

        Assert.Equal(RuntimePhase.Absent, host.Runtime.State("stopped").Phase);
        Assert.Equal(128 + 9, (await login).Code);
    }

    private static string[] Tops(RuntimeHost host, string zone) =>
        [.. CgroupLayout.OfHost().All.Select(h => $"{h}/lofizone-{host.Paths.Tag}/{zone}").Where(Directory.Exists)];

    /// <summary>Makes the cgroups through descriptors, because no path reaches the bottom.</summary>
    private static DirectoryHandle Nest(string top, int depth, string name = "d")
    {
        DirectoryHandle current = DirectoryHandle.Open(top);
        for (int i = 0; i < depth; i++)
        {
            current.MakeDirectory(name, 0x1ed);
            DirectoryHandle below = current.OpenDirectory(name, PathWalk.NoLinks);
            current.Dispose();
            current = below;
        }

        return current;
    }
}
