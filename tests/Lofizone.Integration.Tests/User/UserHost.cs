using System.Diagnostics;
using System.Globalization;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Lofi;
using Lofizone.Testing;

namespace Lofizone.Integration.Tests.User;

/// <summary>A host of its own on this machine whose commands are typed as a user types them. Disposing takes everything of it away.</summary>
public sealed class UserHost : IAsyncDisposable
{
    private const string CleanUpScript = "scripts/clean-leftovers";
    private static readonly TimeSpan _commandLimit = TimeSpan.FromMinutes(2);
    private static int _number;

    public UserHost()
    {
        // Named as the clean-up script expects it: what a killed test run leaves is found by the run's process number.
        Paths = new HostPaths(string.Create(CultureInfo.InvariantCulture, $"/tmp/lofizone-test-{Environment.ProcessId}-u{Interlocked.Increment(ref _number)}"));
        // A zone's init is a plain user on the host and must pass here.
        Directory.CreateDirectory(Paths.Root, (UnixFileMode)0b111_101_101);
    }

    public HostPaths Paths { get; }

    public string Root => Paths.Root;

    /// <summary>The project's directory.</summary>
    public static string Repository { get; } = FindRepository();

    private static string Binary =>
        Environment.GetEnvironmentVariable("ZONE_BINARY") is { Length: > 0 } binary ? binary : Path.Combine(AppContext.BaseDirectory, "zone");

    /// <summary>Runs <c>zone ARGUMENTS</c>, where the first may be another of its names ("zoneadm").</summary>
    public Task<CommandEnd> RunAsync(params string[] arguments) => RunAsync(null, [], arguments);

    /// <summary>Runs a command that must succeed; returns its output.</summary>
    public async Task<string> RunCheckedAsync(params string[] arguments)
    {
        CommandEnd end = await RunAsync(arguments);
        return end.ExitCode == 0 ? end.Output : throw new InvalidOperationException(end.ToString());
    }

    /// <summary>Runs a command with text on its standard input, behind another program (setpriv, unshare) if one is given.</summary>
    public async Task<CommandEnd> RunAsync(string? input, string[] wrapper, params string[] arguments)
    {
        string[] words = [.. wrapper, Binary, .. arguments];
        ProcessStartInfo start = new(words[0], words[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[HostPaths.RootVariable] = Root;
        Stopwatch watch = Stopwatch.StartNew();
        using Process process = Process.Start(start)!;
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(_commandLimit);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            await process.WaitForExitAsync(limit.Token);
            return new CommandEnd($"zone {string.Join(' ', arguments)}", process.ExitCode, await output, await error, watch.Elapsed);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"zone {string.Join(' ', arguments)}: no end within {_commandLimit.TotalSeconds:0} s");
        }
    }

    /// <summary>State of a zone as <c>zoneadm list -cp</c> tells, or null when it isn't configured.</summary>
    public async Task<string?> StateAsync(string zone) =>
        (await RunCheckedAsync("zoneadm", "list", "-c", "-p")).Split('\n').Select(l => l.Split(':')).FirstOrDefault(f => f.Length > 2 && f[1] == zone)?[2];

    /// <summary>Everything a command may not leave behind when it fails, one line each: files, devices, mounts.</summary>
    public IReadOnlyList<string> Traces(string? shareDirectory = null) =>
    [
        .. Files(Paths.ZoneIndex), .. Files(Paths.Zones), .. Files(Paths.DevLofi),
        .. Files(Paths.LofiRun).Where(f => !f.StartsWith(Path.Combine(Paths.LofiRun, "locks"), StringComparison.Ordinal)),
        .. shareDirectory is null ? [] : Files(shareDirectory),
        .. MountTable.Read().Entries.Where(e => e.MountPoint.StartsWith(Root, StringComparison.Ordinal)).Select(e => $"mount {e.MountPoint}"),
        .. Directory.GetDirectories("/sys/block", "loop*").Select(d => LoopDevices.BackingFile("/dev/" + Path.GetFileName(d)))
            .Where(f => f?.StartsWith(Root, StringComparison.Ordinal) == true).Select(f => $"loop of {f}"),
    ];

    public async ValueTask DisposeAsync()
    {
        await TestProgram.RunAsync(Path.Combine(Repository, CleanUpScript), Root);
        Assert.False(Directory.Exists(Root), $"{Root} is still there");
    }

    private static IEnumerable<string> Files(string directory) =>
        Directory.Exists(directory)
            ? Directory.EnumerateFileSystemEntries(directory, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, MaxRecursionDepth = 2 }).Order(StringComparer.Ordinal)
            : [];

    private static string FindRepository()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, CleanUpScript)))
            directory = Path.GetDirectoryName(directory);
        return directory ?? throw new InvalidOperationException($"{CleanUpScript} is not above {AppContext.BaseDirectory}");
    }
}
