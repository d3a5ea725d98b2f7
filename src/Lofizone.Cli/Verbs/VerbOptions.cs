using System.CommandLine;
using Lofizone.Boot;
using Lofizone.Cli.Usage;
using Lofizone.Zones;

namespace Lofizone.Cli.Verbs;

/// <summary>The options that a user gave a verb.</summary>
/// <param name="Force">-F.</param>
/// <param name="Now">--now.</param>
/// <param name="Again">-r.</param>
/// <param name="Arguments">The boot arguments behind --.</param>
internal sealed record VerbOptions(bool Force, bool Now, bool Again, BootArguments Arguments)
{
    /// <summary>How the zone is halted.</summary>
    public HaltMode Mode => Force ? HaltMode.Force : Now ? HaltMode.Now : HaltMode.Shutdown;
}

/// <summary>The options of a verb in a parser's table.</summary>
internal sealed class VerbSymbols
{
    private readonly ZoneVerb _verb;
    private readonly Option<bool> _force, _now, _again;
    private readonly Argument<string[]> _words = new("ARGUMENTS")
    {
        Description = "after --: boot arguments: -s, -i PATH, -m milestone=NAME",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <param name="verb">The verb.</param>
    /// <param name="force">The spellings of the option that forces.</param>
    public VerbSymbols(ZoneVerb verb, params string[] force)
    {
        _verb = verb;
        _force = new(force[0], force[1..]) { Description = verb.Force };
        _now = new("--now") { Description = verb.Now };
        _again = new("-r") { Description = verb.Again };
    }

    public void AddTo(Command command)
    {
        if (_verb.Force is not null)
            command.Options.Add(_force);
        if (_verb.Now is not null)
            command.Options.Add(_now);
        if (_verb.Again is not null)
            command.Options.Add(_again);
        if (_verb.TakesBootArguments)
            command.Arguments.Add(_words);
    }

    public VerbOptions Read(ParseResult parsed)
    {
        bool force = _verb.Force is not null && parsed.GetValue(_force), now = _verb.Now is not null && parsed.GetValue(_now);
        bool again = _verb.Again is not null && parsed.GetValue(_again);
        WrongUsage.Refuse(force && now, $"{_verb.Name}: --force and --now exclude each other");
        BootArguments arguments = BootArguments.Parse(_verb.TakesBootArguments ? parsed.GetValue(_words) ?? [] : []);
        WrongUsage.Refuse(
            _verb.Again is not null && !again && arguments != BootArguments.None, $"{_verb.Name}: boot arguments need -r");
        return new VerbOptions(force, now, again, arguments);
    }
}
