using System.ComponentModel;
using System.Globalization;
using System.Runtime.CompilerServices;
using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Operations;
using Lofizone.Programs;

namespace Lofizone.Zones;

/// <summary>
/// The administrator's own programs around a zone's boot and halt: the executables in <see cref="HostPaths.Hooks"/>, run as the host's
/// root in the order of their names. A failure before a boot stops the boot. Any other failure is a warning, because no hook may keep a
/// zone up. A boot or halt that was interrupted is done again, and so are its hooks.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="config">The configuration of the boot or halt.</param>
/// <param name="reporter">Gets the output of the hooks, and the warnings.</param>
internal sealed class ZoneHooks(ZoneHost host, ZoneConfig config, IReporter reporter)
{
    /// <summary>Time for all hooks of one kind together.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Largest number of lines of one hook that are reported.</summary>
    private const int MaxLines = 40;

    private const string PreBootName = "pre-boot", PostBootName = "post-boot", PreHaltName = "pre-halt", PostHaltName = "post-halt";

    private string Name => config.Name;

    /// <summary>The step before the zone's image is attached. Its way back is that of a halt.</summary>
    public Step PreBoot() => new(PreBootName, "run the pre-boot hooks", RequireAsync, c => WarnAsync(PostHaltName, c));

    public Step PostBoot() => new(PostBootName, "run the post-boot hooks", c => WarnAsync(PostBootName, c));

    public Step PreHalt() => new(PreHaltName, "run the pre-halt hooks", c => WarnAsync(PreHaltName, c));

    /// <summary>The step after the zone's image is free, and before the zone counts as halted.</summary>
    public Step PostHalt() => new(PostHaltName, "run the post-halt hooks", c => WarnAsync(PostHaltName, c));

    private async Task RequireAsync(CancellationToken cancellation)
    {
        await foreach (string failure in FailuresAsync(PreBootName, cancellation))
            throw new LofizoneException(
                $"{Name}: not booted: {failure}", $"mend the hook or remove it from {Directory(PreBootName)}, and run again");
    }

    private async Task WarnAsync(string kind, CancellationToken cancellation)
    {
        await foreach (string failure in FailuresAsync(kind, cancellation))
            reporter.Warning($"{Name}: {failure}");
    }

    /// <summary>Runs the hooks until the reader stops at a failure.</summary>
    private async IAsyncEnumerable<string> FailuresAsync(string kind, [EnumeratorCancellation] CancellationToken cancellation)
    {
        long start = host.Time.GetTimestamp();
        foreach (string file in Files(kind))
        {
            TimeSpan left = Limit - host.Time.GetElapsedTime(start);
            string? failure = left > TimeSpan.Zero
                ? await RunAsync(kind, file, left, cancellation)
                : $"no time is left for it: all {kind} hooks together have {Limit.TotalSeconds:0} s";
            if (failure is not null)
                yield return $"{kind} hook {SafeText.Text(Path.GetFileName(file))}: {failure}";
        }
    }

    /// <summary>Runs one hook; returns the reason of a failure.</summary>
    private async Task<string?> RunAsync(string kind, string file, TimeSpan limit, CancellationToken cancellation)
    {
        RootOnlyPath real = RootOnly.Follow(file, host.Paths.IsMachine ? null : host.Paths.Root);
        if (real.Problem is { } problem)
            return $"not run as root, since {problem}";
        try
        {
            ProgramResult result = await host.Programs.RunAsync(
                new ProgramCall(real.Real) { Environment = Environment(kind), TimeLimit = limit }, cancellation);
            foreach (string line in (result.Output + "\n" + result.Error).Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(MaxLines))
                reporter.Line($"{Name}: {kind} hook {SafeText.Text(Path.GetFileName(file))}: {SafeText.Line(line)}");
            return result.ExitCode == 0 ? null : $"exit code {result.ExitCode}";
        }
        catch (LofizoneException error)
        {
            return error.Message;
        }
        catch (Win32Exception error)
        {
            return $"can't be started: {error.Message}";
        }
    }

    /// <summary>The executable files, in the order of their names. Editors and dpkg leave copies with other names.</summary>
    private IEnumerable<string> Files(string kind)
    {
        if (!System.IO.Directory.Exists(Directory(kind)))
            return [];
        return
        [
            .. System.IO.Directory.EnumerateFiles(Directory(kind))
                .Where(f => Path.GetFileName(f) is var name && !name.StartsWith('.') && !name.EndsWith('~')
                    && !name.Contains(".dpkg-", StringComparison.Ordinal))
                .Where(IsExecutable)
                .Order(StringComparer.Ordinal),
        ];
    }

    private static bool IsExecutable(string file) =>
        (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;

    private string Directory(string kind) => Path.Combine(host.Paths.Hooks, kind);

    private Dictionary<string, string?> Environment(string kind) => new(StringComparer.Ordinal)
    {
        ["PATH"] = ProgramDirectories.SearchPath,
        ["LOFIZONE_HOOK"] = kind,
        ["LOFIZONE_ZONE"] = Name,
        ["LOFIZONE_UUID"] = config.Uuid.ToString("D", CultureInfo.InvariantCulture),
        ["LOFIZONE_STATE"] = host.Index.Load(Name) is { } record ? host.Status(record).State.Text() : null,
        ["LOFIZONE_ZONEPATH"] = config.ZonePath,
        ["LOFIZONE_BRAND"] = config.Brand,
        ["LOFIZONE_SHARE"] = config.RootImage?.Storage,
    };
}
