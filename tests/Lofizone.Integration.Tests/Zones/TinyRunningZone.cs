using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>A host with the running zone <c>web</c> of busybox, which has the user <c>ann</c>.</summary>
public sealed class TinyRunningZone : IAsyncLifetime
{
    public const string Zone = "web";

    public TestHost Host { get; } = new();

    public async ValueTask InitializeAsync()
    {
        await new TinyZones(Host).AddAsync(
            Zone, init: null,
            ("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1001::/home/ann:/bin/sh\nfar:x:70000:1::/:/bin/sh\n"),
            ("etc/group", "root:x:0:\nann:x:1001:\nstaff:x:50:ann\n"),
            ("home/ann/.profile", "PROFILE=read\nexport PROFILE\n"));
        await Host.RunCheckedAsync("boot", Zone);
    }

    /// <summary>Output of a command in the zone that must succeed.</summary>
    public async Task<string> InAsync(params string[] command) => (await Host.RunCheckedAsync(["login", Zone, "--", .. command])).Trim();

    /// <summary>
    /// Runs a script that finds the binary as <c>zone</c>, a directory of its own as $1 and a file with <paramref name="content"/> as $2.
    /// </summary>
    public async Task<(int Code, string Output, string Error)> RunScriptAsync(string script, string content = "")
    {
        string directory = Directory.CreateDirectory(Path.Combine(Host.Root, "scripts", Guid.NewGuid().ToString("N"))).FullName;
        await Host.MakeProgramAsync(directory);
        string file = Path.Combine(directory, "file");
        await File.WriteAllTextAsync(file, content);
        return await TestProgram.TryAsync("env", $"PATH={directory}:/usr/sbin:/usr/bin:/sbin:/bin", "bash", "-c", script, "bash", directory, file);
    }

    public async ValueTask DisposeAsync() => await Host.DisposeAsync();
}
