using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Lofizone.Config;
using Lofizone.Images;
using Lofizone.Shares;

namespace Lofizone.Cli.Usage;

/// <summary>Checks of a single value of a command line. A check returns null, or the fault of the text.</summary>
internal static class ValueChecks
{
    public static TArgument Checked<TArgument>(this TArgument argument, Func<string, string?> problem)
        where TArgument : Argument
    {
        argument.Validators.Add(result => Check(result, argument.Name, problem));
        return argument;
    }

    public static Option<T> Checked<T>(this Option<T> option, Func<string, string?> problem)
    {
        option.Validators.Add(result => Check(result, option.Name, problem));
        return option;
    }

    public static string? Zone(string text) => Words(() => ZoneName.Check(text));

    public static string? Share(string text) => Words(() => ShareUri.Parse(text));

    /// <summary>Accepts a share, or a zone's image on a share.</summary>
    public static string? Storage(string text) => Words(() => StorageText.Share(text));

    /// <summary>Accepts a zone of this host by its name, or any zone as SHARE/NAME.</summary>
    public static string? ZoneOrUri(string text) => IsUri(text)
        ? Words(() => ZoneName.Check(ShareUri.Parse(text).Split().Name))
        : Zone(text);

    public static string? Size(string text) => Words(() => SizeText.Parse(text));

    public static string? ZonePath(string text) =>
        PropertyChecks.ZonePath(text) is { } problem ? $"{SafeText.Text(text)}: {problem}" : null;

    public static Func<string, string?> Number(double least, double most) => text =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number >= least
            && number <= most
            ? null
            : $"'{SafeText.Text(text)}' is not a number from {least} to {most}";

    public static Func<string, string?> Whole(int least) => text =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least
            ? null
            : $"'{SafeText.Text(text)}' is not a whole number from {least} to {int.MaxValue}";

    /// <summary>True when the text is a URI or a path. No zone's name holds a colon or a slash.</summary>
    public static bool IsUri(string text) => text.Contains(':') || text.Contains('/');

    /// <summary>Makes a path absolute. On a command line a path may be relative to the working directory.</summary>
    public static string AbsoluteFile(string file) => file.StartsWith('/') || file.Contains(':') ? file : Path.GetFullPath(file);

    public static string? File(string text) => Share(AbsoluteFile(text));

    private static void Check(SymbolResult result, string name, Func<string, string?> problem)
    {
        foreach (Token token in result.Tokens)
        {
            // WrongUsage reports an empty value for all arguments and options.
            if (token.Value.Length > 0 && problem(token.Value) is { } wrong)
                result.AddError($"{name}: {wrong}");
        }
    }

    private static string? Words(Action check)
    {
        try
        {
            check();
            return null;
        }
        catch (LofizoneException error)
        {
            return error.Advice is { } advice ? $"{error.Message}; {advice}" : error.Message;
        }
    }
}
