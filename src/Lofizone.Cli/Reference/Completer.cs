using System.CommandLine;
using System.CommandLine.Completions;
using Lofizone.Cli.CommandLines;
using Lofizone.Config.Zonecfg;

namespace Lofizone.Cli.Reference;

/// <summary>
/// Completes a command line for any shell. The completer walks the parser's own tables, so that every word which can be typed can be
/// completed.
/// </summary>
/// <param name="hostWords">The words of this host for a metavariable.</param>
internal sealed class Completer(Func<string, IEnumerable<Candidate>> hostWords)
{
    /// <summary>The words that may stand in the last place.</summary>
    /// <param name="program">The binary's name in the command line.</param>
    /// <param name="words">The words between that name and the cursor. The last word is being typed, and may be empty.</param>
    public IReadOnlyList<Candidate> Complete(string program, IReadOnlyList<string> words)
    {
        if (words.Count == 0 || !Personality.Names.Contains(program))
            return [];
        Position at = new(Personality.Describe(program));
        foreach (string word in words.SkipLast(1))
            at.Pass(word);
        string begun = words[^1];
        return
        [
            .. Words(program, at, words, begun).Where(c => c == Candidate.Files || c.Word.StartsWith(begun, StringComparison.Ordinal))
            .DistinctBy(c => c.Word),
        ];
    }

    private IEnumerable<Candidate> Words(string program, Position at, IReadOnlyList<string> words, string begun)
    {
        if (at.Waiting is { } option)
            return Values(option, Metavar.Of(option)!);
        if (begun.StartsWith('-') && !at.OnlyArguments)
            return at.Options.SelectMany(o => Metavar.Names(o).Select(n => new Candidate(n, o.Description ?? "")));
        IEnumerable<Candidate> verbs = at.Passed > 0
            ? []
            : at.Command.Subcommands.Where(c => !c.Hidden).Select(c => new Candidate(c.Name, c.Description ?? ""));
        IEnumerable<Candidate> values = at.Argument is not { } argument ? []
            : program == "zonecfg" ? Zonecfg([.. words.SkipLast(1).TakeLast(at.Passed)])
            : Values(argument, Metavar.Of(argument));
        return verbs.Concat(values);
    }

    /// <summary>The possible values of an argument or option. Fixed values stand in the parser's own tables.</summary>
    private IEnumerable<Candidate> Values(Symbol symbol, string metavar)
    {
        IEnumerable<CompletionItem> known = symbol switch
        {
            Option o => o.CompletionSources.SelectMany(s => s(CompletionContext.Empty)),
            Argument a => a.CompletionSources.SelectMany(s => s(CompletionContext.Empty)),
            _ => [],
        };
        return known.Select(k => new Candidate(k.Label, "")).Concat(hostWords(metavar));
    }

    /// <summary>The completion of a zonecfg command in the words of the shell: <c>zonecfg -z web set autoboot=</c>.</summary>
    private static IEnumerable<Candidate> Zonecfg(string[] before) => before switch
    {
        [] => ZonecfgReference.Commands.Select(c => new Candidate(c.Name, c.Usage)),
        ["set"] => ZonecfgReference.Properties.Select(p => new Candidate(p.Name + "=", p.Meaning)),
        ["clear"] => ZonecfgReference.Properties.Select(p => new Candidate(p.Name, p.Meaning)),
        ["add" or "select" or "remove" or "info"] => ZonecfgReference.Resources.Select(r => new Candidate(r.Name, r.Meaning)),
        _ => [],
    };

    /// <summary>The position in the tables that the words before the cursor lead to.</summary>
    private sealed class Position(Command root)
    {
        private readonly List<Command> _path = [root];

        public Command Command => _path[^1];

        /// <summary>Number of complete arguments.</summary>
        public int Passed { get; private set; }

        /// <summary>The option whose value comes next; null when no value is due.</summary>
        public Option? Waiting { get; private set; }

        /// <summary>True behind --.</summary>
        public bool OnlyArguments { get; private set; }

        public IEnumerable<Option> Options => Metavar.Options(_path);

        /// <summary>The argument that comes next; null when none is due.</summary>
        public Argument? Argument =>
            Command.Arguments.ElementAtOrDefault(Passed)
                ?? (Command.Arguments.LastOrDefault() is { Arity.MaximumNumberOfValues: > 1 } last ? last : null);

        public void Pass(string word)
        {
            if (Waiting is not null)
                Waiting = null;
            else if (OnlyArguments)
                Passed++;
            else if (word == "--")
                OnlyArguments = true;
            else if (word.StartsWith('-') && word.Length > 1)
                Waiting = Options.FirstOrDefault(o => Metavar.TakesValue(o) && Metavar.Names(o).Contains(word));
            else if (Passed == 0 && Command.Subcommands.FirstOrDefault(c => c.Name == word) is { } verb)
                _path.Add(verb);
            else
                Passed++;
        }
    }
}
