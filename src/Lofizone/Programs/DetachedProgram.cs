using System.Diagnostics;
using Lofizone.Hosts;

namespace Lofizone.Programs;

/// <summary>
/// A program that outlives the command that starts it: in a session of its own, so that no signal of the terminal reaches it, and a
/// child of init, so that nobody here need reap it. It says on its standard output when it is ready and then turns that elsewhere.
/// </summary>
public sealed class DetachedProgram : IDisposable
{
    private static readonly string[] _passedOn = ["LANG", HostPaths.RootVariable, ProgramDirectories.Variable, FaultPoint.Variable];

    private readonly Process _starter;

    private DetachedProgram(Process starter) => _starter = starter;

    /// <summary>What the program says; ends when it has turned its output elsewhere or has ended itself.</summary>
    public StreamReader Output => _starter.StandardOutput;

    /// <summary>What it says of its failures, likewise.</summary>
    public StreamReader Error => _starter.StandardError;

    /// <summary>Starts the program by way of setsid(1), in the caller's cgroup.</summary>
    /// <exception cref="LofizoneException">It could not be started.</exception>
    public static DetachedProgram Start(IProgramRunner programs, string file, params IReadOnlyList<string> arguments) =>
        Start(programs, null, file, arguments);

    /// <summary>
    /// The same in a scope of its own, where there is one; what keeps systemd from making it is said on <see cref="Error"/>.
    /// </summary>
    /// <exception cref="LofizoneException">It could not be started.</exception>
    public static DetachedProgram Start(IProgramRunner programs, SystemdScope? scope, string file, params IReadOnlyList<string> arguments)
    {
        string setsid = programs.Find("setsid") ?? throw MissingProgram.Error("setsid");
        IReadOnlyList<string> command = [file, .. arguments];
        ProcessStartInfo start = new(setsid, ["--fork", .. scope?.Command(programs, command) ?? command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        // It lives for as long as a zone does: nothing of the caller's shell belongs in it.
        foreach (string name in start.Environment.Keys.Except(_passedOn).ToArray())
            start.Environment.Remove(name);
        start.Environment["PATH"] = ProgramDirectories.SearchPath;
#pragma warning disable RS0030 // programs are started in this folder only
        Process process = Process.Start(start) ?? throw new LofizoneException($"{file}: could not be started");
#pragma warning restore RS0030
        process.StandardInput.Close();
        return new DetachedProgram(process);
    }

    /// <summary>Lets go of the pipes; the program runs on.</summary>
    public void Dispose() => _starter.Dispose();
}
