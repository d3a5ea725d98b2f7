using Lofizone.Nfs.Protocol;
using Lofizone.Shares;

namespace Lofizone.Ownership;

/// <summary>Translates a server's refusal into an error for the user of an image.</summary>
internal static class NfsImageErrors
{
    public static Exception Explain(NfsException error, ShareUri image, NfsIdentity identity) => error switch
    {
        NfsLockedException or { Status: NfsStatus.ShareDenied or NfsStatus.Locked or NfsStatus.Denied } =>
            new ImageLockedException(error.Message),
        { Status: NfsStatus.IsDir or NfsStatus.WrongType or NfsStatus.Inval } =>
            new LofizoneException($"{image}: not a regular file", "name the image file itself", error),
        { Status: NfsStatus.NoEnt } when error.Path == image.Path => new LofizoneException(
            $"{image}: no such file", $"see what is there, or make it: mkfile -n 300m {image}", error),
        _ => NfsShareErrors.Explain(error, image.Split().Directory, identity),
    };
}
