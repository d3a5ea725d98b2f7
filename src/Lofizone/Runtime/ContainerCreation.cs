using System.Globalization;
using System.Text;
using System.Text.Json;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Runtime.Oci;

namespace Lofizone.Runtime;

/// <summary>
/// Writes a zone's bundle, and has conmon and crun make the zone's init, which then waits for the start. conmon starts crun's launcher at
/// once. The launcher waits at the gate until the zone's root is mounted, so that both programs start while the image is being attached.
/// </summary>
public sealed class ContainerCreation : IAsyncDisposable
{
    /// <summary>Limit for the kept console output of a zone, bytes. conmon begins the file anew when the file is full.</summary>
    public const int ConsoleLogLimitBytes = 4 << 20;

    private const int ReadOnlyDirectory = 0x16D;
    private const int ReportLimitBytes = 64 << 10;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _slice = TimeSpan.FromMilliseconds(200);

    private readonly RuntimeContext _context;
    private readonly ZoneLaunch _launch;
    private readonly RuntimePaths _paths;

    private readonly CancellationTokenSource _end = new();
    private readonly Pipe _gate = Pipe.Open();
    private readonly Task _supervisor;

    // crun enters these namespaces by the descriptors of this process, which waits until crun is inside. A kill of this process leaves
    // nothing behind.
    private OwnedNetwork? _namespaces;
    private FileDescriptor? _sync;

    private ContainerCreation(RuntimeContext context, ZoneLaunch launch)
    {
        (_context, _launch, _paths) = (context, launch, context.Paths(launch.Name));
        _supervisor = Task.Run(StartSupervisorAsync);
    }

    /// <summary>Starts the supervisor in the background. The zone's root need not be mounted yet.</summary>
    internal static ContainerCreation Begin(RuntimeContext context, ZoneLaunch launch) => new(context, launch);

    /// <summary>Makes the container. The zone's root and its clone are mounted.</summary>
    internal async Task FinishAsync(CancellationToken cancellation)
    {
        MakeSysDirectory();
        await _supervisor.WaitAsync(cancellation);
        Launcher.OpenGate(_gate);
        ConmonReport report = await Task.Run(() => Report(_sync!, cancellation), cancellation);
        File.Delete(_paths.Sync);
        if (report.Data <= 0)
            throw new LofizoneException(
                $"zone {_launch.Name}: its runtime could not be made: {report.Message?.Trim() ?? $"crun ended with {report.Data}"}");
    }

    /// <summary>Ends the creation. A launcher that waits at the gate ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _gate.Dispose();
        await _end.CancelAsync();
        await _supervisor.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
        _sync?.Dispose();
        _namespaces?.Dispose();
    }

    private async Task StartSupervisorAsync()
    {
        _namespaces = UserNamespace.OpenWithNetwork(_launch.UidBase, _launch.IdCount);
        ZoneNamespaceFiles files = new(FileOf(_namespaces.User), FileOf(_namespaces.Network));
        ZoneResidence residence = ZoneResidence.New(_context.Host, _launch.Name);
        WriteBundle(residence, files);
        DescriptorPath.MakeFifo(_paths.Sync);
        _sync = DescriptorPath.Open(_paths.Sync, DescriptorPath.NonBlocking);
        ProgramResult conmon = await _context.Programs.RunAsync(ConmonCall(residence, files), _end.Token);
        if (conmon.ExitCode != 0)
            throw new LofizoneException($"zone {_launch.Name}: conmon: exit code {conmon.ExitCode}: {conmon.Error.Trim()}");
    }

    /// <summary>crun's launcher mounts the zone's /sys before crun could make the directory.</summary>
    private void MakeSysDirectory()
    {
        using DirectoryHandle root = DirectoryHandle.Open(_launch.RootDirectory);
        if (root.TryStat("sys") is null)
            root.MakeDirectory("sys", ReadOnlyDirectory);
    }

    private void WriteBundle(ZoneResidence residence, ZoneNamespaceFiles namespaces)
    {
        HostFile.RemoveDirectory(_paths.Bundle);
        Directory.CreateDirectory(_paths.Bundle, OwnerOnly);
        Directory.CreateDirectory(_paths.ExitDirectory, OwnerOnly);
        Directory.CreateDirectory(_context.Host.CrunRoot, OwnerOnly);
        Directory.CreateDirectory(Path.GetDirectoryName(_launch.ConsoleLog)!, OwnerOnly);
        _paths.WriteCgroup(residence.Zone);
        ZoneLimits limits = RuntimeContext.LimitsOf(_launch.Controls);
        OciSpec spec = ZoneSpec.Build(_launch, _paths.Root, residence.Zone, namespaces, limits);
        spec = spec with { Mounts = [.. spec.Mounts, .. ZoneProcFiles.Mounts(_context.Host)] };
        File.WriteAllBytes(_paths.Config, JsonSerializer.SerializeToUtf8Bytes(spec, OciJson.Default.OciSpec));
        WriteLaunch(_paths, _launch);
    }

    /// <summary>Notes the zone's description for later commands.</summary>
    internal static void WriteLaunch(RuntimePaths paths, ZoneLaunch launch) =>
        HostFile.Write(paths.Launch, JsonSerializer.SerializeToUtf8Bytes(launch, OciJson.Default.ZoneLaunch));

    private static string FileOf(FileDescriptor descriptor) => $"/proc/{Environment.ProcessId}/fd/{descriptor.Number}";

    private ProgramCall ConmonCall(ZoneResidence residence, ZoneNamespaceFiles namespaces)
    {
        string conmon = _context.Programs.Find("conmon") ?? throw MissingProgram.Error("conmon");
        IReadOnlyList<string> crun = _context.CreatePrefix(_paths, FileOf(_gate.Read), namespaces.Network, _launch);
        List<string> arguments =
        [
            Launcher.ConmonVerb, residence.Supervisor, _paths.Sync, conmon,
            "--api-version", "1",
            "--cid", _launch.Name, "--cuuid", _launch.Name, "--name", _launch.Name,
            "--bundle", _paths.Bundle,
            "--container-pidfile", _paths.InitPid,
            "--conmon-pidfile", _paths.ConmonPid,
            "--exit-dir", _paths.ExitDirectory,
            "--log-path", $"k8s-file:{_launch.ConsoleLog}",
            "--log-size-max", ConsoleLogLimitBytes.ToString(CultureInfo.InvariantCulture),
            "--log-level", "error",
            "--full-attach",
            "--terminal",
            "--runtime", crun[0],
        ];
        foreach (string argument in crun.Skip(1))
            arguments.Add($"--runtime-arg={argument}");
        if (_launch.ExitCommand.Count > 0)
        {
            arguments.Add($"--exit-command={_launch.ExitCommand[0]}");
            foreach (string argument in _launch.ExitCommand.Skip(1))
                arguments.Add($"--exit-command-arg={argument}");
        }

        IReadOnlyList<string> command = [_context.ZoneBinary, .. arguments];
        command = residence.Scope?.Command(_context.Programs, command, ZoneControls.ScopeWeight(_launch.Controls)) ?? command;
        return new ProgramCall(command[0], [.. command.Skip(1)])
        {
            TimeLimit = _limit,
            Environment = new Dictionary<string, string?>
            {
                [HostPaths.RootVariable] = _context.Host.IsMachine ? null : _context.Host.Root,
            },
        };
    }

    private ConmonReport Report(FileDescriptor sync, CancellationToken cancellation)
    {
        byte[] buffer = new byte[ReportLimitBytes];
        int length = 0;
        long start = _context.Time.GetTimestamp();
        while (length < buffer.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_context.Time.GetElapsedTime(start) > _limit)
                throw new LofizoneException(
                    $"zone {_launch.Name}: crun gave no answer within {_limit.TotalSeconds} s", $"halt it: zone halt {_launch.Name}");
            PollDescriptor readable = new(sync.Number);
            if (!Polling.Wait(new Span<PollDescriptor>(ref readable), _slice))
                continue;
            int count = Polling.Read(sync.Number, buffer.AsSpan(length));
            if (count == 0)
                break;
            length += Math.Max(0, count);
            if (buffer.AsSpan(0, length).Contains((byte)'\n'))
                break;
        }

        try
        {
            if (length > 0 && JsonSerializer.Deserialize(buffer.AsSpan(0, length), OciJson.Default.ConmonReport) is { } report)
                return report;
        }
        catch (JsonException)
        {
            return new ConmonReport(-1, $"conmon said {Encoding.UTF8.GetString(buffer, 0, length).Trim()}");
        }

        return new ConmonReport(-1, "conmon ended without a word");
    }
}
