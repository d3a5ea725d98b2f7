using System.Diagnostics;
using Lofizone.Hosts;

namespace Lofizone.Programs;

/// <summary>
/// A program that outlives the command that starts it. The program has a session of its own, so that no signal of the terminal reaches it.
/// The program is a child of init, so that this process need not reap it. The program reports on its standard output when it is ready, and
/// then redirects that output.
/// </summary>
public sealed class DetachedProgram : IDisposable
{
    private static readonly string[] _passedOn = ["LANG", HostPaths.RootVariable, ProgramDirectories.Variable, FaultPoint.Variable];

    private readonly Process _starter;

    private DetachedProgram(Process starter) => _starter = starter;

    /// <summary>The program's standard output. The stream ends when the program has redirected its output or has ended.</summary>
    public StreamReader Output => _starter.StandardOutput;

    /// <summary>The program's standard error; ends like <see cref="Output"/>.</summary>
    public StreamReader Error => _starter.StandardError;

    /// <summary>Starts the program with setsid(1), in the caller's cgroup.</summary>
    /// <exception cref="LofizoneException">The program could not be started.</exception>
    public static DetachedProgram Start(IProgramRunner programs, string file, params IReadOnlyList<string> arguments) =>
        Start(programs, null, file, arguments);

    /// <summary>
    /// Starts the program in a scope of its own, if a scope is given. Systemd's reasons for refusing the scope come on <see cref="Error"/>.
    /// </summary>
    /// <exception cref="LofizoneException">The program could not be started.</exception>
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
        // The program lives for as long as a zone does, so it gets only selected variables of the caller's environment.
        foreach (string name in start.Environment.Keys.Except(_passedOn).ToArray())
            start.Environment.Remove(name);
        start.Environment["PATH"] = ProgramDirectories.SearchPath;
#pragma warning disable RS0030 // programs are started in this folder only
        Process process = Process.Start(start) ?? throw new LofizoneException($"{file}: could not be started");
#pragma warning restore RS0030
        process.StandardInput.Close();
        return new DetachedProgram(process);
    }

    /// <summary>Closes the pipes. The program runs on.</summary>
    public void Dispose() => _starter.Dispose();
}
