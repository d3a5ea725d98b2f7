using System.Globalization;
using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Runtime;

/// <summary>
/// The roles <c>crun-launcher</c>, <c>create-launcher</c> and <c>conmon-launcher</c> of the zone binary. Each prepares this process and
/// then becomes the program. On a hybrid cgroup host crun sees a plain version 1 host, because crun up to 1.8 refuses hybrids. The crun
/// that makes a zone finds the zone's view in its mount namespace. Its standard streams are no files of the host, because crun gives them
/// to the zone's root. conmon outlives the caller, so it gets nothing that the caller's shell has opened or set.
/// </summary>
public static class Launcher
{
    /// <summary>Hidden verb that becomes crun on a hybrid host.</summary>
    public const string CrunVerb = "crun-launcher";

    /// <summary>Hidden verb that becomes the crun that makes a zone.</summary>
    public const string CreateVerb = "create-launcher";

    /// <summary>Hidden verb that becomes conmon.</summary>
    public const string ConmonVerb = "conmon-launcher";

    private const int UsageError = 2;
    private const int CannotExecute = 126;

    private static readonly string[] _passedOn = ["LANG", "TERM", "HOME", HostPaths.RootVariable, "_OCI_SYNCPIPE"];

    /// <c>conmon-launcher CGROUP FIFO PROGRAM ARGUMENT…</c>: the program lives in CGROUP. Descriptor 3 of the program is the fifo, open for
    /// writing, and the program's environment names the descriptor.
    public static Task<int> RunConmonAsync(string[] arguments)
    {
        if (arguments.Length < 3)
            return Task.FromResult(UsageError);
        return Become(arguments[2], arguments[3..], environment =>
        {
            // A supervisor in its caller's session would end with that session, and the zone's console with the supervisor.
            if (new OwnCgroup(arguments[0]).Enter() is [var refused, ..])
                throw new IOException(refused);
            Exec.CloseOthersOnExec();
            using FileDescriptor sync = DescriptorPath.OpenInherited(arguments[1], DescriptorPath.WriteOnly);
            environment.Add($"_OCI_SYNCPIPE={sync.Number}");
            sync.SetHandleAsInvalid();
        });
    }

    /// <c>crun-launcher CGROUP KEEP PROGRAM ARGUMENT…</c>: CGROUP is the zone's cgroup path. KEEP is the root whose mount stays visible.
    public static Task<int> RunCrunAsync(string[] arguments)
    {
        if (arguments.Length < 3)
            return Task.FromResult(UsageError);
        return Become(arguments[2], arguments[3..], _ =>
        {
            CgroupLayout layout = CgroupLayout.OfHost();
            if (!layout.IsHybrid)
                return;
            EnterLeaf(layout, arguments[0]);
            OwnMounts.UnshareMounts(arguments[1]);
            Mount.Detach(layout.Version2!, UnmountFlags.Detach);
        });
    }

    /// <c>create-launcher GATE CGROUP ROOT NETWORK OWNER WRITABLE PROGRAM ARGUMENT…</c>: GATE is the file of a pipe of the command that
    /// boots the zone (<see cref="OpenGate"/>), ROOT the clone of the zone's root, NETWORK the file of the zone's network namespace, OWNER
    /// the host ID of the zone's root user, WRITABLE the parts of the root that the zone may write (<see cref="WritableParts.Word"/>).
    public static Task<int> RunCreateAsync(string[] arguments)
    {
        if (arguments.Length < 7 || !uint.TryParse(arguments[4], NumberStyles.None, CultureInfo.InvariantCulture, out uint owner))
            return Task.FromResult(UsageError);
        return Become(arguments[6], arguments[7..], _ =>
        {
            CgroupLayout layout = CgroupLayout.OfHost();
            if (layout.IsHybrid)
                EnterLeaf(layout, arguments[1]);
            WaitAtGate(arguments[0]);
            OwnMounts.UnshareMounts(arguments[2]);
            if (layout.IsHybrid)
                Mount.Detach(layout.Version2!, UnmountFlags.Detach);
            ZoneView.Prepare(arguments[2], arguments[3], owner, WritableParts.OfWord(arguments[5]));
            StandardStreams.ReplaceSharedFiles();
        });
    }

    /// <summary>Lets the launcher of the crun that makes a zone go on: the zone's root is mounted.</summary>
    internal static void OpenGate(Pipe gate) => Polling.WriteAll(gate.Write.Number, [1]);

    /// <summary>
    /// Waits for <see cref="OpenGate"/>. The pipe is a file of the command that boots the zone. So the wait ends with that command, too.
    /// </summary>
    private static void WaitAtGate(string file)
    {
        using FileDescriptor gate = DescriptorPath.Open(file, DescriptorPath.ReadOnly);
        if (Polling.Read(gate.Number, stackalloc byte[1]) < 1)
            throw new IOException("the command that boots the zone has ended");
    }

    // The zone's cgroup namespace is rooted in crun's cgroup. Without a leaf of its own there, the zone's systemd would make its cgroups at
    // the top of the host's cgroup2.
    private static void EnterLeaf(CgroupLayout layout, string cgroup)
    {
        string leaf = layout.Version2 + cgroup;
        Directory.CreateDirectory(leaf);
        File.WriteAllText(Path.Combine(leaf, "cgroup.procs"), $"{Environment.ProcessId}");
    }

    private static Task<int> Become(string program, string[] arguments, Action<List<string>> prepare)
    {
        try
        {
            List<string> environment = [$"PATH={ProgramDirectories.SearchPath}"];
            foreach (string name in _passedOn)
            {
                if (Environment.GetEnvironmentVariable(name) is { } value)
                    environment.Add($"{name}={value}");
            }

            prepare(environment);
            Exec.Replace(program, arguments, environment);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LofizoneException)
        {
            // conmon reads the message and passes it on as the reason.
            Console.Error.WriteLine($"{Path.GetFileName(program)}: {e.Message}");
        }

        return Task.FromResult(CannotExecute);
    }
}
