namespace Lofizone.Config.Zonecfg;

/// <summary>
/// One run of zonecfg on one zone: with a user, with a command file, or with the commands of one argument. Returns the exit code: 0 for
/// success, 1 after a failure, 2 when a command is written wrongly and nothing has been saved. Without a user the first error ends the run,
/// and changes after the last explicit commit are not written.
/// </summary>
/// <param name="store">The store of configurations.</param>
/// <param name="zone">The zone's name.</param>
/// <param name="io">The user or program at the other end.</param>
/// <param name="brands">Brands of this system; native alone by default.</param>
public sealed class ZonecfgSession(IZoneConfigStore store, string zone, ZonecfgIo io, IReadOnlyCollection<string>? brands = null)
{
    /// <summary>The run succeeded.</summary>
    public const int Success = 0;

    /// <summary>An action failed. A message on <see cref="ZonecfgIo.Error"/> gives the reason.</summary>
    public const int Failure = 1;

    /// <summary>A command makes no sense, and nothing was saved.</summary>
    public const int WrongUsage = 2;

    private readonly ZonecfgEditor _editor = new(store, zone, io, brands ?? ["native"]);

    private string? _file;
    private int _line;
    private int _failure = Failure;

    /// <summary>
    /// Reads commands from the terminal with prompts. Without a terminal the commands come from standard input, and an error ends the run.
    /// </summary>
    public async Task<int> RunInteractiveAsync(CancellationToken cancellation = default)
    {
        if (!io.IsInteractive)
            return await RunLinesAsync(() => io.ReadLineAsync("", cancellation), "-", cancellation);
        if (!await TryAsync(() => _editor.LoadAsync(cancellation)))
            return Failure;
        if (_editor.Current is null)
            await PrintAsync(io.Out, _editor.NoSuchZone);

        while (true)
        {
            string? line = _editor.Leaving == Leaving.No ? await io.ReadLineAsync(_editor.Prompt, cancellation) : null;
            if (line is not null)
            {
                await TryAsync(() => RunLineAsync(line, cancellation));
                if (_editor.Leaving == Leaving.No)
                    continue;
            }

            if (await LeaveAsync(cancellation) is { } exitCode)
                return exitCode;
            _editor.Leaving = Leaving.No;
        }
    }

    /// <summary>Runs a command file.</summary>
    /// <param name="commands">Text of the file.</param>
    /// <param name="name">Name of the file for messages; "-" is standard input.</param>
    /// <param name="cancellation">Ends the run. Uncommitted changes are dropped.</param>
    public Task<int> RunFileAsync(TextReader commands, string name, CancellationToken cancellation = default) =>
        // The framework reads standard input on the caller's thread, also in its asynchronous methods. A signal would then wait for the
        // next line.
        RunLinesAsync(() => Task.Run(commands.ReadLine, CancellationToken.None).WaitAsync(cancellation), name, cancellation);

    /// <summary>Runs the commands of one argument, with ';' or line ends between them.</summary>
    public Task<int> RunArgumentAsync(string commands, CancellationToken cancellation = default)
    {
        StringReader reader = new(commands);
        return RunLinesAsync(() => Task.FromResult(reader.ReadLine()), null, cancellation);
    }

    private async Task<int> RunLinesAsync(Func<Task<string?>> readLine, string? file, CancellationToken cancellation)
    {
        bool done = await TryAsync(async () =>
        {
            await _editor.LoadAsync(cancellation);
            _file = file;
            while (_editor.Leaving == Leaving.No && await readLine() is { } line)
            {
                _line++;
                await RunLineAsync(line, cancellation);
            }

            if (_editor.Leaving == Leaving.WithoutCommit)
                return;
            if (_editor.Scope is { } scope)
                throw new LofizoneException($"{scope.Type.Name}: Resource incomplete.", "end it with 'end' or 'cancel'; nothing was saved");
            if (_editor.IsChanged)
                await _editor.CommitAsync(cancellation);
        });
        return done ? Success : _failure;
    }

    private async Task RunLineAsync(string line, CancellationToken cancellation)
    {
        foreach (IReadOnlyList<Token> tokens in Lexer.Cut(line))
        {
            Statement statement = Parser.Parse(tokens);
            ZonecfgCommand command = statement.Command;
            if (command.NeedsZone && _editor.Current is null)
                throw _editor.NoSuchZone;
            if (command.Scope == CommandScope.Resource && _editor.Scope is null)
                throw new LofizoneException(
                    $"The {command.Name} command only makes sense in the resource scope.", "begin a resource with 'add' or 'select'");
            if (command.Scope == CommandScope.Global && _editor.Scope is { } scope)
                throw new LofizoneException(
                    $"The {command.Name} command only makes sense in the global scope.",
                    $"finish {scope.Type.Name} with 'end' or 'cancel' first");
            await command.Run(_editor, statement, cancellation);
            if (_editor.Leaving != Leaving.No)
                return;
        }
    }

    /// <summary>Ends a session with a user. Returns the exit code; null to go on.</summary>
    private async Task<int?> LeaveAsync(CancellationToken cancellation)
    {
        if (_editor.Leaving == Leaving.WithoutCommit)
            return Success;
        bool dropped = false;
        if (_editor.Scope is { } scope)
        {
            if (await _editor.AskAsync("Resource incomplete; really quit", cancellation) is not { } quit)
            {
                await PrintAsync(io.Error, new LofizoneException($"{scope.Type.Name}: Resource incomplete.", "nothing was saved"));
                return Failure;
            }

            if (!quit)
                return null;
            _editor.Scope = null;
            dropped = true;
        }

        if (await TryAsync(() => _editor.IsChanged ? _editor.CommitAsync(cancellation) : Task.CompletedTask))
            return dropped ? Failure : Success;
        bool? leave = await _editor.AskAsync("Configuration not saved; really quit", cancellation);
        return leave == false ? null : Failure;
    }

    private async Task<bool> TryAsync(Func<Task> action)
    {
        try
        {
            await action();
            return true;
        }
        catch (LofizoneException e)
        {
            _failure = e.Kind == FailureKind.WrongUsage && !_editor.HasSaved ? WrongUsage : Failure;
            if (_file is not null && _line > 0)
                await io.Error.WriteLineAsync(_file == "-" ? $"On line {_line}:" : $"On line {_line} of {_file}:");
            await PrintAsync(io.Error, e);
            return false;
        }
    }

    private async Task PrintAsync(TextWriter writer, LofizoneException error)
    {
        foreach (string line in error.Message.Split('\n'))
            await writer.WriteLineAsync(line.StartsWith(zone + ": ", StringComparison.Ordinal) ? line : $"{zone}: {line}");
        if (error.Advice is { } advice)
            await writer.WriteLineAsync(advice);
    }
}
