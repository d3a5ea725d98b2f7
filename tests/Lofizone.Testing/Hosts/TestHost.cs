using System.Diagnostics;
using System.Text;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Logs;
using Lofizone.Programs;
using Lofizone.Shares;
using Lofizone.Zones;

namespace Lofizone.Testing.Hosts;

/// <summary>
/// A host of its own on this machine: a root directory that moves all host-side paths, and the real zone binary, run as a user would run
/// it. The disposal removes everything of the host from the kernel and the disk, in whatever state a test left the host.
/// </summary>
public sealed class TestHost : IAsyncDisposable
{
    /// <summary>Time that a child of a command has to close the command's output.</summary>
    private static readonly TimeSpan _outputLimit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan _quietLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(20);
    private static int _number;

    /// <summary>The program and arguments that enter the host's namespaces before a command runs.</summary>
    private string[] _enter;

    /// <summary>Makes a host on this machine's network.</summary>
    public TestHost()
        : this(null)
    {
    }

    /// <summary>
    /// Makes a host in a network namespace (ip-netns(8)) of its own. Every command, and every process that outlives a command, runs there.
    /// </summary>
    public TestHost(string? networkNamespace)
    {
        // ip-netns(8) is unfit, because it gives its program a mount namespace.
        _enter = networkNamespace is null ? [] : ["nsenter", $"--net=/run/netns/{networkNamespace}"];
        // scripts/clean-leftovers expects this name. It finds the remains of a killed test run by the run's process number.
        Root = $"/tmp/lofizone-test-{Environment.ProcessId}-{Interlocked.Increment(ref _number)}";
        Directory.CreateDirectory(Root);
        // A zone's init is a plain user on the host, and that user must pass this directory.
        File.SetUnixFileMode(Root, (UnixFileMode)0b111_001_001);
        Paths = new HostPaths(Root);
        ProgramRunner programs = new();
        Devices = new LofiDevices(Paths, programs, Kernel, new EngineLauncher(ZoneBinary, Paths, programs, TimeProvider.System), TimeProvider.System, Share.OpenAsync);
    }

    /// <summary>
    /// A host that takes itself for this machine. Its commands run without LOFIZONE_ROOT, in a namespace (scripts/machine-host) in which
    /// the machine's directories are the directories below <see cref="Root"/>.
    /// </summary>
    public static async Task<TestHost> OfMachineAsync()
    {
        TestHost host = new();
        string script = Path.Combine(HostCleanup.RepositoryRoot(), "scripts/machine-host");
        ProcessStartInfo start = new("unshare", ["--mount", "--propagation", "private", script, host.Root]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process holder = Process.Start(start)!;
        using CancellationTokenSource limit = new(_quietLimit);
        string? process = await holder.StandardOutput.ReadLineAsync(limit.Token);
        if (process is null)
        {
            string said = await holder.StandardError.ReadToEndAsync(limit.Token);
            await host.DisposeAsync();
            throw new InvalidOperationException($"{script}: {said}");
        }

        host._enter = ["nsenter", "--target", process, "--mount", "--cgroup", "--"];
        host.IsMachine = true;
        return host;
    }

    /// <summary>
    /// A second host beside the host of a test class, below a directory. With <c>LOFIZONE_TEST_HOSTS=machine</c> in the environment the
    /// host is one of <see cref="OfMachineAsync"/>, so that all tests of attach, move, takeover and the Pacemaker agent can also run on
    /// such hosts.
    /// </summary>
    public static async Task<TestHost> SecondAsync() => Environment.GetEnvironmentVariable("LOFIZONE_TEST_HOSTS") == "machine" ? await OfMachineAsync() : new TestHost();

    /// <summary>The zonepath that the host chooses for a zone, as its commands name it.</summary>
    public string ZonePath(string zone) => IsMachine ? new HostPaths("/").ZonePath(zone) : Paths.ZonePath(zone);

    /// <summary>Makes a program that is <c>zone</c> on this host, for callers that run the program without this class.</summary>
    public async Task<string> MakeProgramAsync(string directory)
    {
        string file = Path.Combine(directory, "zone"), environment = IsMachine ? "-u " + HostPaths.RootVariable : $"{HostPaths.RootVariable}={Root}";
        await File.WriteAllTextAsync(file, $"#!/bin/sh\nexec env {environment} {string.Join(' ', _enter)} {ZoneBinary} \"$@\"\n");
        File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
        return file;
    }

    /// <summary>The host's mounts.</summary>
    public async Task<MountTable> MountsAsync() => MountTable.Parse(_enter.Length == 0
        ? await File.ReadAllTextAsync("/proc/self/mountinfo")
        : await TestProgram.RunAsync(_enter[0], [.. _enter[1..], "cat", "/proc/self/mountinfo"]));

    /// <summary>Limit for a command. A test counts a longer command as hung.</summary>
    public static TimeSpan CommandLimit { get; } = TimeSpan.FromMinutes(2);

    /// <summary>The binary under test: the binary that ZONE_BINARY names, or else the binary that was built with the tests.</summary>
    /// <summary>Makes system calls that may wait for a server.</summary>
    public static KernelCalls Kernel { get; } = new(new ProgramRunner(), ZoneBinary);

    public static string ZoneBinary =>
        Environment.GetEnvironmentVariable("ZONE_BINARY") is { Length: > 0 } binary ? binary : Path.Combine(AppContext.BaseDirectory, "zone");

    public string Root { get; }

    /// <summary>True for a host of <see cref="OfMachineAsync"/>.</summary>
    public bool IsMachine { get; private set; }

    public HostPaths Paths { get; }

    /// <summary>The host's devices, seen from outside. Actions that start processes are left to commands.</summary>
    public LofiDevices Devices { get; }

    /// <summary>Runs the binary: <c>zone ARGUMENTS</c>. The first argument may be another of the binary's names ("zoneadm").</summary>
    public Task<CommandResult> RunAsync(params string[] arguments) => RunAsync(arguments, killAt: null);

    /// <summary>
    /// Runs the binary with text on its standard input, started by another program with arguments (setpriv, unshare) if there is a wrapper.
    /// </summary>
    public Task<CommandResult> RunAsync(string? input, string[] wrapper, params string[] arguments) => RunAsync(arguments, killAt: null, input, wrapper);

    /// <summary>Runs a command that must succeed; returns its output.</summary>
    public async Task<string> RunCheckedAsync(params string[] arguments)
    {
        CommandResult result = await RunAsync(arguments);
        return result.Succeeded ? result.Output : throw new InvalidOperationException(result.ToString());
    }

    /// <summary>Runs a command that ends itself by SIGKILL at a fault point: <c>OPERATION/STEP/before</c> or <c>/after</c>.</summary>
    public Task<CommandResult> RunKilledAsync(string killAt, params string[] arguments) => RunAsync(arguments, killAt);

    /// <summary>Runs a command that stops at a fault point until <paramref name="meanwhile"/> has ended.</summary>
    public Task<CommandResult> RunHeldAsync(string holdAt, Func<Task> meanwhile, params string[] arguments) => RunAsync(arguments, killAt: null, holdAt: holdAt, meanwhile: meanwhile);

    /// <summary>The state of each zone of this host by name, as <c>zoneadm list -c -p</c> prints it.</summary>
    public async Task<IReadOnlyDictionary<string, string>> StatesAsync()
    {
        string output = await RunCheckedAsync("zoneadm", "list", "-c", "-p");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(':'))
            .Where(fields => fields[1] != "global")
            .ToDictionary(fields => fields[1], fields => fields[2], StringComparer.Ordinal);
    }

    /// <summary>State of a zone; null when the zone isn't configured.</summary>
    public async Task<string?> StateAsync(string zone) => (await StatesAsync()).GetValueOrDefault(zone);

    /// <summary>The host's log of its zones.</summary>
    public Task<string> ZonesLogAsync() => File.ReadAllTextAsync(Path.Combine(Paths.Log, HostLog.ZonesFile));

    /// <summary>Waits until a zone is in a state that no command of the test causes, such as a zone that halts itself.</summary>
    /// <exception cref="TimeoutException">The zone did not reach the state.</exception>
    public Task WaitForStateAsync(string zone, string state) =>
        WaitAsync(async () => await StateAsync(zone) == state && !HostLock.IsHeld(Paths, zone, out _), $"{zone} did not become {state}");

    /// <summary>
    /// Waits until no command works on the zone any more, including the command that conmon starts when a zone has ended.
    /// </summary>
    public Task WaitUntilSettledAsync(string zone) =>
        WaitAsync(
            () => Task.FromResult(!HostLock.IsHeld(Paths, zone, out _) && !HostTraces.Processes(Root).Any(p => p.CommandLine.Contains(ExitNotice.SettleVerb, StringComparison.Ordinal)
                || p.CommandLine.Contains($" {ExitNotice.FencedVerb} ", StringComparison.Ordinal)
                || p.CommandLine.Contains($" {ExitNotice.Verb} ", StringComparison.Ordinal) && !p.CommandLine.Contains("conmon", StringComparison.Ordinal))),
            $"a command still works on {zone}");

    /// <summary>
    /// Simulates a power cut of the host. The host's processes, mounts, devices and files below /run and /dev are gone. Its disk is
    /// unchanged.
    /// </summary>
    public Task RebootAsync() => HostCleanup.RebootAsync(Root);

    public async ValueTask DisposeAsync()
    {
        if (IsMachine)
            await TakeDownAsync();
        await HostCleanup.RunAsync(Root);
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Has the host take down the remains of a failed test. From outside the namespace the host's devices can't be told from the machine's
    /// own.
    /// </summary>
    private async Task TakeDownAsync()
    {
        string zones = Path.Combine(Paths.Run, "zones");
        foreach (string zone in Directory.Exists(zones) ? Directory.GetDirectories(zones) : [])
            await RunAsync("halt", "--force", Path.GetFileName(zone));
        foreach (string device in (await RunAsync("lofiadm", "-p")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            await RunAsync("lofiadm", "-f", "-d", device.Split(':')[0]);
    }

    /// <summary>Polls until a condition holds, for a minute by default. A zone binary without AOT is slow on a busy machine.</summary>
    public async Task WaitAsync(Func<Task<bool>> holds, string otherwise, TimeSpan? within = null)
    {
        try
        {
            await Wait.UntilAsync(holds, otherwise, CancellationToken.None, within);
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException($"{error.Message}\n{string.Join('\n', HostTraces.Find(Paths))}", error);
        }
    }

    private async Task<CommandResult> RunAsync(IReadOnlyList<string> arguments, string? killAt, string? input = null, string[]? wrapper = null, string? holdAt = null, Func<Task>? meanwhile = null)
    {
        string[] words = [.. _enter, .. wrapper ?? [], ZoneBinary, .. arguments];
        ProcessStartInfo start = new(words[0], words[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[HostPaths.RootVariable] = IsMachine ? null : Root;
        start.Environment[FaultPoint.Variable] = killAt;
        start.Environment[FaultPoint.HoldVariable] = holdAt;
        string command = $"{(killAt is null ? "" : $"{FaultPoint.Variable}={killAt} ")}zone {string.Join(' ', arguments)}";
        Stopwatch watch = Stopwatch.StartNew();
        using Process process = Process.Start(start)!;
        StringBuilder output = new();
        StringBuilder error = new();
        Task streams = Task.WhenAll(PumpAsync(process.StandardOutput, output), PumpAsync(process.StandardError, error));
        await FeedAsync(process, input);
        if (meanwhile is not null)
            await HeldProcess.ContinueAsync(() => process.Id, meanwhile);
        using CancellationTokenSource limit = new(CommandLimit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"{command}: no end within {CommandLimit.TotalSeconds:0} s\n{Text(output)}{Text(error)}");
        }

        TimeSpan took = watch.Elapsed;
        CommandResult result = new(command, process.ExitCode, "", "", took);
        // A killed command's helpers may hold its output until they end. A command that ended must leave no holder of its output, because a
        // pipe's reader would hang.
        if (await Task.WhenAny(streams, Task.Delay(result.WasKilled ? _poll : _outputLimit)) != streams && !result.WasKilled)
            throw new InvalidOperationException($"{command}: ended, but a child still holds its output\n{Text(output)}{Text(error)}");
        return result with { Output = Text(output), Error = Text(error) };
    }

    private static async Task FeedAsync(Process process, string? input)
    {
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The command ended without reading all of its input. The exit code shows whether that was a failure.
        }
    }

    private static async Task PumpAsync(StreamReader reader, StringBuilder text)
    {
        char[] buffer = new char[4096];
        try
        {
            int count;
            while ((count = await reader.ReadAsync(buffer)) > 0)
            {
                lock (text)
                    text.Append(buffer, 0, count);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The process was disposed of while its child still held the pipe.
        }
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }
}
