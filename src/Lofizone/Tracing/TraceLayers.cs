namespace Lofizone.Tracing;

/// <summary>Layers of which every message is written down.</summary>
[Flags]
public enum TraceLayers
{
    None = 0,

    /// <summary>Calls to the server and its replies.</summary>
    Nfs = 1,

    /// <summary>Requests of the kernel and the replies to it.</summary>
    Fuse = 2,
}

/// <summary>Layers as users name them.</summary>
public static class TraceLayersText
{
    /// <summary>Names the layers that are traced from the start in each engine that a command starts.</summary>
    public const string Variable = "LOFIZONE_TRACE";

    /// <summary>What may be said.</summary>
    public const string Choices = "nfs, fuse, nfs,fuse or off";

    /// <summary>What the environment asks for: nothing when it is not set, or empty.</summary>
    /// <exception cref="LofizoneException">It asks for something else.</exception>
    public static TraceLayers FromEnvironment() => Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } text
        ? TraceLayers.None
        : TryParse(text) ?? throw new LofizoneException(Wrong(text), $"set {Variable} to {Choices}, or unset it");

    /// <summary>Null when the text is none of <see cref="Choices"/>.</summary>
    public static TraceLayers? TryParse(string text)
    {
        TraceLayers layers = TraceLayers.None;
        if (text == "off")
            return layers;
        foreach (string word in text.Split(','))
        {
            if (word == "nfs")
                layers |= TraceLayers.Nfs;
            else if (word == "fuse")
                layers |= TraceLayers.Fuse;
            else
                return null;
        }

        return layers;
    }

    /// <summary>As <see cref="TryParse"/> takes it.</summary>
    public static string Text(this TraceLayers layers) => layers switch
    {
        TraceLayers.None => "off",
        TraceLayers.Nfs => "nfs",
        TraceLayers.Fuse => "fuse",
        _ => "nfs,fuse",
    };

    /// <summary>What is wrong with a value of <see cref="Variable"/>.</summary>
    public static string Wrong(string value) => $"{Variable}={value}: no layers to trace";
}
