using Lofizone.Nfs.Operations;
using Lofizone.Nfs.Protocol;
using Lofizone.Nfs.Session;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Xdr;

namespace Lofizone.Nfs.Files;

/// <summary>
/// Looks at several objects, and reads those that are small files, in as few COMPOUNDs as the session allows (<see cref="LookCall"/>). A
/// COMPOUND ends at its first failure (RFC 8881 section 16.2.3), so what stands behind a missing object is in the next COMPOUND. A caller
/// therefore names the object last that is most likely to be missing.
/// </summary>
internal sealed class SmallFiles(NfsSession session, NameWalk names)
{
    /// <summary>Largest content of one file that comes along, bytes.</summary>
    public const int LimitBytes = 64 << 10;

    /// <summary>
    /// The objects, in the order of the looks. An object has no content when it is no regular file, is larger than its limit or
    /// <see cref="LimitBytes"/>, or is a file that the server does not let be read without an OPEN.
    /// </summary>
    public async Task<IReadOnlyList<NfsSmallFile>> LookAsync(IReadOnlyList<NfsLook> looks, CancellationToken cancellation)
    {
        Wanted[] wanted = [.. looks.Select(look => new Wanted(ServerPath.Split(look.Path), Math.Min(look.LimitBytes, MostBytes)))];
        int common = Common(wanted);
        NfsSmallFile[] found = new NfsSmallFile[wanted.Length];
        int most = wanted.Length;
        for (int at = 0; at < wanted.Length;)
        {
            int count = Math.Min(most, Fitting(wanted.AsSpan(at), common));
            if (count == 0)
            {
                found[at] = await LookAloneAsync(looks[at].Path, wanted[at], cancellation);
                at++;
                continue;
            }

            LookCall look = new(wanted[at..(at + count)], common);
            CompoundCall call = await SendAsync(look, cancellation);
            // The server executes fewer operations in one COMPOUND than it announced (ganesha: 98 of 128).
            if (call.Status is NfsStatus.TooManyOps or NfsStatus.Resource or NfsStatus.RepTooBig or NfsStatus.ReqTooBig)
                most = count / 2;
            else
                at += look.Take(call, found.AsSpan(at, count));
        }

        return found;
    }

    /// <summary>Data that one answer carries at most: the rest of the answer is attributes.</summary>
    private int RoomBytes => session.MaxReadBytes / 2;

    private int MostBytes => Math.Min(LimitBytes, RoomBytes);

    /// <summary>The object alone, by the handle of its directory, because the way to it is too long for one COMPOUND.</summary>
    private async Task<NfsSmallFile> LookAloneAsync(string path, Wanted wanted, CancellationToken cancellation)
    {
        try
        {
            (byte[] directory, _) = await names.ResolveParentAsync(path, OperationCode.GetAttr, cancellation);
            LookCall look = new([wanted], wanted.Names.Length - 1, directory);
            NfsSmallFile[] found = new NfsSmallFile[1];
            look.Take(await SendAsync(look, cancellation), found);
            return found[0];
        }
        catch (NfsException error) when (error.Status is not null)
        {
            return new NfsSmallFile(null, Failure: error);
        }
    }

    private Task<CompoundCall> SendAsync(LookCall look, CancellationToken cancellation) => RepeatedRequest.RunAsync(
        session, NfsNames.Operation((int)OperationCode.GetAttr), look.Encode, cancellation, keepReply: false);

    /// <summary>Number of objects that one COMPOUND can look at, from the first on.</summary>
    private int Fitting(ReadOnlySpan<Wanted> wanted, int common)
    {
        int count = 0;
        int operations = LookCall.FixedOperations + common;
        int lookups = common;
        int bytes = 0;
        foreach (Wanted each in wanted)
        {
            lookups += each.Names.Length - common;
            operations += each.Names.Length - common + LookCall.OperationsEach;
            bytes += each.Bytes;
            if (operations > session.MaxOperations || lookups > NameWalk.MaxLookupsPerCall || bytes > RoomBytes)
                break;
            count++;
        }

        return count;
    }

    /// <summary>Number of leading names that the directories of all objects share.</summary>
    private static int Common(Wanted[] wanted)
    {
        string[] first = wanted[0].Names;
        int common = wanted.Min(each => Math.Max(0, each.Names.Length - 1));
        for (int i = 0; i < common; i++)
        {
            if (wanted.Any(each => each.Names[i] != first[i]))
                return i;
        }

        return common;
    }
}
