namespace Lofizone.Cli.Reference;

/// <summary>A word that may stand at the place where the user pressed TAB.</summary>
/// <param name="Word">The word.</param>
/// <param name="Meaning">Meaning of the word, for shells that show it; may be empty.</param>
internal sealed record Candidate(string Word, string Meaning)
{
    /// <summary>Stands for the names of files, which shells complete themselves. No word of this program begins with a colon.</summary>
    public static Candidate Files { get; } = new(":files", "");
}
