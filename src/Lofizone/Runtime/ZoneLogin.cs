using System.Globalization;
using System.Text;
using System.Text.Json;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Runtime.Oci;

namespace Lofizone.Runtime;

/// <summary>Runs a command in a running zone, on our own standard streams.</summary>
internal sealed class ZoneLogin(RuntimeContext context, string zone)
{
    private const int PasswdLimitBytes = 1 << 20;
    private static readonly string[] _shells = ["/bin/bash", "/bin/sh", "/bin/busybox"];

    private readonly RuntimePaths _paths = context.Paths(zone);

    public async Task<int> RunAsync(IReadOnlyList<string> command, bool terminal, CancellationToken cancellation)
    {
        if (RuntimeProcesses.Read(_paths).Phase != RuntimePhase.Running)
            throw new LofizoneException($"zone {zone}: not running", $"boot it: zone boot {zone}");
        string home = RootedPath.Resolve(_paths.Root, "/root") is null ? "/" : "/root";
        OciProcess process = ZoneSpec.Login(
            command.Count > 0 ? command : [LoginShell(_paths.Root), "-l"],
            terminal,
            home,
            terminal ? Environment.GetEnvironmentVariable("TERM") : null,
            Environment.GetEnvironmentVariable("LANG"),
            RuntimeContext.OpenFilesLimit);
        string file = Path.Combine(_paths.Bundle, string.Create(CultureInfo.InvariantCulture, $"login-{Environment.ProcessId}-{Guid.NewGuid():N}.json"));
        await File.WriteAllBytesAsync(file, JsonSerializer.SerializeToUtf8Bytes(process, OciJson.Default.OciProcess), cancellation);
        try
        {
            ProgramCall call = context.Crun(_paths, "exec", "--process", file, zone) with { Interactive = true, TimeLimit = null };
            return (await context.Programs.RunAsync(call, cancellation)).ExitCode;
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Root's shell as the zone's own passwd(5) names it, or the first one that is there.</summary>
    internal static string LoginShell(string root)
    {
        string passwd = Encoding.UTF8.GetString(RootedPath.Read(root, "/etc/passwd", PasswdLimitBytes) ?? []);
        string? named = passwd.Split('\n').Select(l => l.Split(':')).FirstOrDefault(f => f.Length == 7 && f[0] == "root")?[6].Trim();
        IEnumerable<string> candidates = named is { Length: > 0 } && named[0] == '/' ? _shells.Prepend(named) : _shells;
        return candidates.FirstOrDefault(s => RootedPath.Resolve(root, s) is not null) ?? "/bin/sh";
    }
}
